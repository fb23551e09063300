package dev.fncluster.runner.docker;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.runner.docker.engine.EngineAddress;
import dev.fncluster.runner.driver.OutputListener;
import dev.fncluster.runner.driver.OutputSource;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads what containers write: a connection to the engine for each, all on one event loop of their
 * own, so that threads do not grow with containers and no call waits for a function that writes
 * much. The loop is started with the first container.
 *
 * <p>Always reads on: an engine that can't get rid of a container's output holds the container.
 * When a connection ends whose container runs, another one is opened as soon as the engine lets it:
 *
 * <pre>
 *   attach ─▶ reading ─── the container ended ──────────────────────▶ ended
 *               │  ▲                                                    ▲
 *     broken    ▼  │ attached again: what came meanwhile is lost        │
 *             waiting ─── the container ended, or was removed ──────────┘
 * </pre>
 *
 * Thread-safe.
 */
final class ContainerOutputs implements AutoCloseable {
  private static final Duration ATTACH_LIMIT = Duration.ofSeconds(5);
  private static final Duration LAST_OUTPUT = Duration.ofSeconds(3);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  // A connection over a network that died without a word is noticed after about two minutes.
  private static final int KEEPALIVE_IDLE_SECONDS = 60;
  private static final int KEEPALIVE_PROBES = 4;
  private static final int KEEPALIVE_INTERVAL_SECONDS = 15;

  /** How long after the end of a stream the end of its container must be known. */
  static final Duration DEATH_IS_KNOWN = Duration.ofSeconds(3);

  private final EngineAddress engine;
  private final Phaser open = new Phaser(1);
  private @Nullable EventLoops loops;
  private boolean closed;

  ContainerOutputs(EngineAddress engine) {
    this.engine = engine;
  }

  /**
   * Has {@code listener} told what a container writes from here on. Blocks until the engine agrees.
   *
   * @param id of the container, which may not have been started
   * @param isExpectedToRun whether nobody has told that the container ended, nor removed it
   * @throws IOException when the engine does not agree in time; the listener is not called then
   */
  Attachment attach(String id, OutputListener listener, BooleanSupplier isExpectedToRun)
      throws IOException, InterruptedException {
    EventLoops on = loops();
    CompletableFuture<Boolean> attaching = new CompletableFuture<>();
    Attachment attachment = new Attachment(on, id, listener, isExpectedToRun, attaching);
    attachment.loop.execute(attachment::connect);
    try {
      attaching.get(2 * ATTACH_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
      return attachment;
    } catch (ExecutionException | TimeoutException e) {
      attachment.removed();
      throw new IOException("the Docker engine gives no access to the output of a container", e);
    } catch (InterruptedException e) {
      attachment.removed();
      throw e;
    }
  }

  /** Reads the last output of containers that end, for a few seconds at most, and stops. */
  @Override
  public void close() {
    EventLoops running;
    synchronized (this) {
      closed = true;
      running = loops;
    }
    if (running == null) {
      return;
    }
    try {
      open.awaitAdvanceInterruptibly(open.arrive(), LAST_OUTPUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      // Containers that nobody removed: their output ends with this node.
      open.forceTermination();
    }
    running.close();
  }

  private synchronized EventLoops loops() throws IOException {
    if (closed) {
      throw new IOException("the node stops");
    }
    EventLoops there = loops;
    if (there == null) {
      there = EventLoops.create(1, "fn-function-log");
      loops = there;
    }
    return there;
  }

  private ChannelFuture connect(EventLoops on, EventLoop loop, OutputConnection connection) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(engine.isUnix() ? on.unixChannelType() : on.channelType())
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) ATTACH_LIMIT.toMillis())
            .handler(connection);
    if (!engine.isUnix()) {
      bootstrap.option(ChannelOption.SO_KEEPALIVE, true);
      if (on.channelType() == EpollSocketChannel.class) {
        bootstrap
            .option(EpollChannelOption.TCP_KEEPIDLE, KEEPALIVE_IDLE_SECONDS)
            .option(EpollChannelOption.TCP_KEEPINTVL, KEEPALIVE_INTERVAL_SECONDS)
            .option(EpollChannelOption.TCP_KEEPCNT, KEEPALIVE_PROBES);
      }
    }
    return bootstrap.connect(address(on));
  }

  private SocketAddress address(EventLoops on) {
    return engine.isUnix()
        ? on.unixAddress(Path.of(engine.host().getPath()))
        : new InetSocketAddress(engine.host().getHost(), engine.host().getPort());
  }

  /** The output of one container. Confined to the loop, but for what says otherwise. */
  final class Attachment implements OutputConnection.Observer {
    private final EventLoops loops;
    private final EventLoop loop;
    private final String id;
    private final OutputListener listener;
    private final BooleanSupplier isExpectedToRun;
    private final CompletableFuture<Boolean> first;
    private Duration pause = FIRST_PAUSE;
    private @Nullable Channel channel;
    private boolean removed;
    private boolean wasAttached;
    // When and how the last connection ended.
    private long brokenNanos;
    private @Nullable IOException broken;
    // Why something may be missing, which the listener has not been told yet.
    private @Nullable IOException untold;

    private Attachment(
        EventLoops loops,
        String id,
        OutputListener listener,
        BooleanSupplier isExpectedToRun,
        CompletableFuture<Boolean> first) {
      this.loops = loops;
      this.loop = loops.loops().getFirst();
      this.id = id;
      this.listener = listener;
      this.isExpectedToRun = isExpectedToRun;
      this.first = first;
    }

    /** The container is removed: what comes within a few seconds is still read. Any thread. */
    void removed() {
      loop.execute(() -> {
        removed = true;
        Channel current = channel;
        if (current == null || !current.isOpen()) {
          return;
        }
        Duration last = wasAttached ? LAST_OUTPUT : Duration.ZERO;
        loop.schedule((Runnable) current::close, last.toMillis(), TimeUnit.MILLISECONDS);
      });
    }

    private void connect() {
      if (removed) {
        return;
      }
      ChannelFuture connecting =
          ContainerOutputs.this.connect(
              loops, loop, new OutputConnection(engine, id, this::output, this));
      channel = connecting.channel();
      connecting.addListener(done -> {
        if (!done.isSuccess()) {
          refused(done.cause());
        }
      });
      Channel current = connecting.channel();
      loop.schedule(
          () -> {
            if (channel == current && !isAttached()) {
              current.close();
            }
          },
          ATTACH_LIMIT.toMillis(),
          TimeUnit.MILLISECONDS);
    }

    private boolean isAttached() {
      return wasAttached && broken == null;
    }

    @Override
    public void attached(Channel on) {
      open.register();
      wasAttached = true;
      pause = FIRST_PAUSE;
      untold = broken;
      broken = null;
      if (removed) {
        on.close(); // Nobody waited that long.
      } else if (sinceBroken() > DEATH_IS_KNOWN.toNanos()) {
        tellGap();
      } else if (untold != null) {
        loop.schedule(
            () -> {
              if (isExpectedToRun.getAsBoolean()) {
                tellGap();
              }
            },
            DEATH_IS_KNOWN.toNanos() - sinceBroken(),
            TimeUnit.NANOSECONDS);
      }
      first.complete(true);
    }

    // An engine gives access to the output of a container that has ended, too. Whether this one
    // still runs, and something is missing, shows when it writes, or is not heard to have ended.
    private void tellGap() {
      IOException gap = untold;
      untold = null;
      if (gap != null) {
        listener.resumed(gap);
      }
    }

    private long sinceBroken() {
      return System.nanoTime() - brokenNanos;
    }

    @Override
    public void refused(Throwable failure) {
      if (wasAttached) {
        tryAgain();
      } else {
        first.completeExceptionally(failure);
      }
    }

    @Override
    public void ended(boolean amidFrame, @Nullable Throwable failure) {
      listener.flush();
      String how = amidFrame ? " amid a piece of it" : "";
      broken =
          new IOException(
              "the Docker engine ended the output of a container that runs" + how, failure);
      brokenNanos = System.nanoTime();
      tryAgain();
      open.arriveAndDeregister();
    }

    private void tryAgain() {
      if (!isExpectedToRun.getAsBoolean()) {
        end();
        return;
      }
      loop.schedule(
          () -> {
            if (isExpectedToRun.getAsBoolean() && !removed) {
              connect();
            } else {
              end();
            }
          },
          pause.toMillis(),
          TimeUnit.MILLISECONDS);
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    }

    private void end() {
      // The news of a death comes another way than the end of the output, and a little later.
      listener.ended(sinceBroken() > DEATH_IS_KNOWN.toNanos() ? broken : null);
    }

    private void output(OutputSource source, ByteBuf bytes) {
      tellGap();
      listener.output(source, bytes);
    }
  }
}
