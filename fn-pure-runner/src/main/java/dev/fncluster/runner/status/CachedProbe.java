package dev.fncluster.runner.status;

import dev.fncluster.proto.RunnerStatus;
import dev.fncluster.stats.Recorder;
import dev.fncluster.stats.ViewRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One probe at a time, whose result everybody gets who asks meanwhile or soon after; whatever they
 * send along, the input of the first is used. Thread-safe.
 */
public final class CachedProbe implements StatusProbe {
  /**
   * How long a result is repeated: the idle time of the status container (1 s) and 500 ms, so that
   * the next probe starts a new container instead of meeting the last one at its end.
   */
  static final Duration LIFETIME = Duration.ofMillis(1500);

  private static final class Run {
    final CompletableFuture<RunnerStatus> result = new CompletableFuture<>();
    final AtomicBoolean fetched = new AtomicBoolean();
    volatile long endedNanos;

    boolean isFresh(long now) {
      return !result.isDone() || now - endedNanos < LIFETIME.toNanos();
    }
  }

  private final Function<String, RunnerStatus> probe;
  private final Executor executor;
  private final LongSupplier nanoClock;
  private final ViewRegistry registry;
  private @Nullable Run current;

  /**
   * A probe that keeps what {@code probe} finds.
   *
   * @param probe blocks until it knows; must not throw
   * @param executor where it runs
   * @param registry where {@link StatusViews#all()} are registered
   */
  public CachedProbe(
      Function<String, RunnerStatus> probe,
      Executor executor,
      LongSupplier nanoClock,
      ViewRegistry registry) {
    this.probe = probe;
    this.executor = executor;
    this.nanoClock = nanoClock;
    this.registry = registry;
  }

  @Override
  public CompletableFuture<RunnerStatus> probe(String input) {
    Run run = run(input);
    return run.result.thenApply(found -> {
      boolean cached = !run.fetched.compareAndSet(false, true);
      count(cached, found);
      return cached ? found.toBuilder().setCached(true).build() : found;
    });
  }

  private Run run(String input) {
    Run started;
    synchronized (this) {
      Run latest = current;
      if (latest != null && latest.isFresh(nanoClock.getAsLong())) {
        return latest;
      }
      started = new Run();
      current = started;
    }
    try {
      executor.execute(() -> {
        RunnerStatus found;
        try {
          found = probe.apply(input);
        } catch (RuntimeException | Error e) {
          found = RunnerStatus.newBuilder().setFailed(true).setErrorStr(e.toString()).build();
        }
        end(started, found);
      });
    } catch (java.util.concurrent.RejectedExecutionException e) {
      end(
          started,
          RunnerStatus.newBuilder().setFailed(true).setErrorStr("the runner stops").build());
    }
    return started;
  }

  private void end(Run run, RunnerStatus found) {
    run.endedNanos = nanoClock.getAsLong();
    run.result.complete(found);
  }

  private void count(boolean cached, RunnerStatus found) {
    recorder(cached, found).increment();
  }

  private Recorder recorder(boolean cached, RunnerStatus found) {
    return registry.recorder(
        StatusViews.STATUS_CALL,
        StatusViews.CACHED.getName(),
        word(cached),
        StatusViews.NETWORK.getName(),
        word(!found.getIsNetworkDisabled()),
        StatusViews.SUCCESS.getName(),
        word(!found.getFailed()));
  }

  private static String word(boolean value) {
    return Boolean.toString(value).toLowerCase(Locale.ROOT);
  }
}
