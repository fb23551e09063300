package dev.fncluster.runnerpool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pool whose runners never change. Thread-safe, never blocks when asked. */
public final class StaticRunnerPool implements RunnerPool {
  private static final Logger log = LoggerFactory.getLogger(StaticRunnerPool.class);

  private final RunnerList runners;

  /** A pool of {@code runners}, which it owns from now on. May be empty. */
  public StaticRunnerPool(List<Runner> runners) {
    this.runners = RunnerList.of(runners);
  }

  /** A pool of the runners at {@code addresses}. */
  public static StaticRunnerPool of(List<RunnerAddress> addresses, RunnerFactory factory) {
    List<Runner> runners = new ArrayList<>();
    for (RunnerAddress address : addresses) {
      runners.add(factory.create(address));
    }
    return new StaticRunnerPool(runners);
  }

  @Override
  public RunnerList runners(RunnerCall call) {
    return runners;
  }

  @Override
  public List<Runner> known() {
    return runners.runners();
  }

  @Override
  public boolean mayBlock() {
    return false;
  }

  @Override
  public void shutdown(Duration grace) throws InterruptedException {
    AtomicReference<@Nullable RuntimeException> first = new AtomicReference<>();
    List<Thread> closers = new ArrayList<>();
    for (Runner runner : runners.runners()) {
      closers.add(Thread.ofVirtual().name("close-runner").start(() -> close(runner, grace, first)));
    }
    try {
      for (Thread closer : closers) {
        closer.join();
      }
    } catch (InterruptedException e) {
      closers.forEach(Thread::interrupt);
      throw e;
    }
    RuntimeException failure = first.get();
    if (failure != null) {
      throw failure;
    }
  }

  private static void close(
      Runner runner, Duration grace, AtomicReference<@Nullable RuntimeException> first) {
    try {
      runner.close(grace);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.atWarn()
          .addKeyValue("runner", runner.address())
          .setCause(e)
          .log("runner did not close cleanly");
      first.compareAndSet(null, e);
    }
  }
}
