package dev.fncluster.api.plugin;

import dev.fncluster.api.loop.EventLoops;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator of event loops that an extension blocks, against its contract: nothing can be
 * done about that but to name it. Only for nodes that have extensions; costs each loop an empty
 * task a second.
 */
final class LoopWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LoopWatch.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);

  /** Whose code is not that of an extension. */
  private static final List<String> KNOWN =
      List.of(
          "java.",
          "javax.",
          "jdk.",
          "sun.",
          "io.netty.",
          "io.grpc.",
          "com.google.",
          "com.fasterxml.",
          "com.github.dockerjava.",
          "io.micrometer.",
          "org.slf4j.",
          "ch.qos.logback.",
          "dev.fncluster.");

  private final List<Watched> loops;
  private final Duration period;
  private final int patience;
  private final CountDownLatch closed = new CountDownLatch(1);

  private LoopWatch(EventLoops loops, Duration limit) {
    this.loops = loops.loops().stream().map(Watched::new).toList();
    Duration half = limit.dividedBy(2);
    period = half.compareTo(PERIOD) < 0 ? half : PERIOD;
    patience = Math.toIntExact(Math.min(limit.dividedBy(period), Integer.MAX_VALUE));
  }

  /**
   * Begins to watch.
   *
   * @param limit how long a loop may be silent
   */
  static LoopWatch start(EventLoops loops, Duration limit) {
    LoopWatch watch = new LoopWatch(loops, limit);
    watch.loops.forEach(Watched::meet);
    // Not a virtual one: it must run also when extensions keep all threads that carry those.
    Thread unused = Thread.ofPlatform().daemon().name("fn-loop-watch").start(watch::watch);
    return watch;
  }

  private void watch() {
    try {
      while (!closed.await(period.toNanos(), TimeUnit.NANOSECONDS)) {
        loops.forEach(Watched::look);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RejectedExecutionException e) {
      log.debug("the loops have ended before their watch");
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }

  private final class Watched {
    private final EventLoop loop;
    private volatile @Nullable Thread thread;
    private volatile boolean silent;
    // Looks, and not time, so that a machine that stood still is no fault of the loop.
    private int looks;

    Watched(EventLoop loop) {
      this.loop = loop;
    }

    /** Learns whose stack is to be shown, as long as the loop runs. */
    void meet() {
      loop.execute(() -> thread = Thread.currentThread());
    }

    void look() {
      if (!silent) {
        if (looks > patience) {
          log.atWarn().addKeyValue("thread", nameOf(thread)).log("An event loop runs again");
        }
        looks = 0;
        silent = true;
        loop.execute(() -> silent = false);
        return;
      }
      looks++;
      if (looks == patience + 1) {
        tell();
      }
    }

    private void tell() {
      Thread blocked = thread;
      StackTraceElement[] stack =
          blocked == null ? new StackTraceElement[0] : blocked.getStackTrace();
      Exception where = new Exception("this is where it is");
      where.setStackTrace(stack);
      log.atError()
          .addKeyValue("thread", nameOf(blocked))
          .addKeyValue("extension", blamed(stack))
          .setCause(where)
          .log("An event loop is blocked, and all of its calls wait");
    }
  }

  private static String nameOf(@Nullable Thread thread) {
    return thread == null ? "unknown" : thread.getName();
  }

  /** The class, and the jar if it is of one, that has not returned to the loop. */
  static String blamed(StackTraceElement[] stack) {
    for (StackTraceElement each : stack) {
      if (KNOWN.stream().noneMatch(each.getClassName()::startsWith)) {
        String jar = each.getClassLoaderName();
        return jar == null || jar.equals("app")
            ? each.getClassName()
            : each.getClassName() + " of " + jar;
      }
    }
    return "unknown";
  }
}
