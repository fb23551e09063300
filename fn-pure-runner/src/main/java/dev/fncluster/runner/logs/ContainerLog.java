package dev.fncluster.runner.logs;

import com.google.protobuf.ByteString;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.runner.driver.OutputListener;
import dev.fncluster.runner.driver.OutputSource;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.ByteProcessor;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The output of one container: cuts it into lines, says to which call they belong, and keeps each
 * call within its limit.
 *
 * <p>What is read while a call is under way belongs to that call, and so does what is read within
 * {@link #LATE} of its end if no other call has begun: output takes its time from the function to
 * here. Everything else belongs to the container alone. What follows without a pause on the output
 * of a call that has used up its limit is taken for the rest of that. A function whose config asks
 * for {@link LogFrames} tells itself.
 *
 * <p>{@link #callBegan} and {@link #callEnded} may be called on any thread and cost next to
 * nothing; everything else is confined to the event loop that reads the output.
 */
public final class ContainerLog implements OutputListener {
  /** How long after the end of a call its last lines may arrive. */
  static final Duration LATE = Duration.ofMillis(500);

  // How long the rest of a flood may go on after its call, and what ends it before.
  private static final Duration FLOOD = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(50);

  /** How long a line that has begun may wait for its end. */
  static final Duration QUIET = Duration.ofSeconds(1);

  private static final Logger log = LoggerFactory.getLogger(ContainerLog.class);

  private final FunctionLogs logs;
  private final String appId;
  private final String fnId;
  private final String containerId;
  private final @Nullable LogFrames frames;
  private final Side stdout;
  private final Side stderr;

  private volatile CallPeriod latest;
  // Confined to the loop.
  private CallPeriod between;
  private @Nullable CallPeriod betweenAfter;
  private @Nullable ScheduledFuture<?> quietTimer;
  private boolean fedSinceTimer;

  ContainerLog(
      FunctionLogs logs,
      String appId,
      String fnId,
      String containerId,
      Map<String, String> environment) {
    this.logs = logs;
    this.appId = appId;
    this.fnId = fnId;
    this.containerId = containerId;
    this.frames = LogFrames.of(environment).orElse(null);
    this.between = new CallPeriod("", logs.budget());
    this.latest = between;
    this.stdout = new Side(OutputSource.STDOUT, between);
    this.stderr = new Side(OutputSource.STDERR, between);
  }

  /** A call begins in the container. */
  public void callBegan(String callId) {
    CallPeriod call = new CallPeriod(callId, logs.budget());
    if (frames != null) {
      frames.began(call);
    }
    latest = call;
  }

  /** The last call that began has ended. Idempotent. */
  public void callEnded() {
    latest.end(logs.nanoTime());
  }

  @Override
  public void output(OutputSource source, ByteBuf bytes) {
    Side side = source == OutputSource.STDERR ? stderr : stdout;
    side.read(bytes);
    fedSinceTimer = true;
    if (side.splitter.isAmidLine()) {
      startQuietTimer();
    }
  }

  @Override
  public void flush() {
    stdout.flush();
    stderr.flush();
  }

  @Override
  public void resumed(Throwable why) {
    flush();
    notice("Some of what a container wrote is lost", why, FunctionLogs.GAP);
  }

  @Override
  public void ended(@Nullable Throwable failure) {
    flush();
    if (quietTimer != null) {
      quietTimer.cancel(false);
      quietTimer = null;
    }
    if (failure != null) {
      notice("What a container writes from here on is lost", failure, FunctionLogs.LOST);
    }
  }

  private void notice(String message, Throwable why, String line) {
    log.atWarn()
        .addKeyValue("container_id", containerId)
        .addKeyValue("fn_id", fnId)
        .addKeyValue("app_id", appId)
        .setCause(why)
        .log(message);
    pass(OutputSource.STDERR, ByteString.copyFromUtf8(line), "");
  }

  private void startQuietTimer() {
    EventLoop loop = EventLoops.current();
    if (quietTimer == null && loop != null) {
      fedSinceTimer = false;
      quietTimer = loop.schedule(this::quiet, QUIET.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void quiet() {
    quietTimer = null;
    if (!fedSinceTimer) {
      flush();
    } else if (stdout.splitter.isAmidLine() || stderr.splitter.isAmidLine()) {
      startQuietTimer();
    }
  }

  /** Whose output it is that is read now, as far as time tells. */
  private CallPeriod byTime() {
    CallPeriod last = latest;
    if (!last.isOver(logs.nanoTime(), LATE.toNanos())) {
      return last;
    }
    if (betweenAfter != last) {
      betweenAfter = last;
      between = new CallPeriod("", logs.budget());
    }
    return between;
  }

  private void pass(OutputSource source, ByteString data, String callId) {
    logs.accept(new LogLine(logs.millis(), source, data, appId, fnId, containerId, callId));
  }

  /** One of the two streams. */
  private final class Side {
    private final OutputSource source;
    private final LineSplitter splitter = new LineSplitter();
    private CallPeriod owner;
    private @Nullable CallPeriod framed;
    // An empty line that may be the first half of a mark.
    private boolean heldBack;
    private long lastReadNanos;

    Side(OutputSource source, CallPeriod owner) {
      this.source = source;
      this.owner = owner;
    }

    void read(ByteBuf bytes) {
      CallPeriod now = ownerNow();
      if (now != owner) {
        // What has begun was another's.
        flush();
        owner = now;
      }
      if (owner.isExhausted() && frames == null) {
        splitter.forget();
        logs.droppedForLimit(countLines(bytes));
        return;
      }
      splitter.feed(bytes, this::line);
    }

    void flush() {
      splitter.flush(this::line);
      giveHeldBack();
    }

    private boolean isFlooded(long now) {
      boolean pause = now - lastReadNanos > PAUSE.toNanos();
      lastReadNanos = now;
      return !pause && owner.isExhausted() && !owner.isOver(now, FLOOD.toNanos());
    }

    private CallPeriod ownerNow() {
      if (isFlooded(logs.nanoTime())) {
        return owner;
      }
      CallPeriod marked = framed;
      if (marked != null && !marked.isOver(logs.nanoTime(), LATE.toNanos())) {
        return marked;
      }
      framed = null;
      return byTime();
    }

    private void line(ByteString line) {
      if (frames == null) {
        spend(line);
        return;
      }
      CallPeriod begins = frames.read(line);
      if (begins != null) {
        heldBack = false;
        framed = begins;
        owner = begins;
        return;
      }
      giveHeldBack();
      if (line.isEmpty()) {
        heldBack = true;
      } else {
        spend(line);
      }
    }

    private void giveHeldBack() {
      if (heldBack) {
        heldBack = false;
        spend(ByteString.EMPTY);
      }
    }

    private void spend(ByteString line) {
      CallPeriod of = owner;
      if (of.isExhausted()) {
        logs.droppedForLimit(1);
        return;
      }
      if (of.left() > 0 && line.size() <= of.left()) {
        of.spend(line.size() + 1);
        pass(source, line, of.callId);
        return;
      }
      int cut = LineSplitter.cut(line, (int) of.left());
      if (cut > 0) {
        pass(source, line.substring(0, cut), of.callId);
      }
      pass(source, logs.limitNotice(), of.callId);
      of.exhaust();
      logs.droppedForLimit(1);
    }

    private static long countLines(ByteBuf bytes) {
      LineCounter counter = new LineCounter();
      bytes.forEachByte(counter);
      return counter.lines;
    }
  }

  private static final class LineCounter implements ByteProcessor {
    private long lines;

    @Override
    public boolean process(byte value) {
      if (value == '\n') {
        lines++;
      }
      return true;
    }
  }
}
