package dev.fncluster.runnerpool.fake;

import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerList;
import dev.fncluster.runnerpool.RunnerPool;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** A pool whose answer depends on how often it was asked. */
public final class FakePool implements RunnerPool {
  private final IntFunction<RunnerList> answers;
  private final boolean mayBlock;
  private final AtomicInteger asked = new AtomicInteger();
  private volatile boolean shutDown;

  private FakePool(IntFunction<RunnerList> answers, boolean mayBlock) {
    this.answers = answers;
    this.mayBlock = mayBlock;
  }

  /**
   * A pool that does not block.
   *
   * @param answers given how often the pool was asked before
   */
  public static FakePool answering(IntFunction<RunnerList> answers) {
    return new FakePool(answers, false);
  }

  /** A pool that has to be asked on a virtual thread. */
  public static FakePool blocking(IntFunction<RunnerList> answers) {
    return new FakePool(answers, true);
  }

  /** A pool of these runners. */
  public static FakePool of(Runner... runners) {
    RunnerList list = RunnerList.of(List.of(runners));
    return answering(asked -> list);
  }

  @Override
  public RunnerList runners(RunnerCall call) {
    return answers.apply(asked.getAndIncrement());
  }

  @Override
  public boolean mayBlock() {
    return mayBlock;
  }

  /** How often the pool was asked. */
  public int asked() {
    return asked.get();
  }

  /** Whether the pool was shut down. */
  public boolean isShutDown() {
    return shutDown;
  }

  @Override
  public void shutdown(Duration grace) {
    shutDown = true;
  }
}
