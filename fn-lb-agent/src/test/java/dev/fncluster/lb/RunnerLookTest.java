package dev.fncluster.lb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.runnerpool.RunnerList;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.StaticRunnerPool;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.fake.FakeRunner;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RunnerLookTest {
  @Test
  void showsTheRunnersOfAPool() {
    StaticRunnerPool pool =
        new StaticRunnerPool(
            List.of(
                FakeRunner.answering("a", TryResult.ok()),
                FakeRunner.answering("b", TryResult.busy())));

    assertThat(RunnerLook.of(pool))
        .containsExactly(new RunnerLook("a", true, 0), new RunnerLook("b", true, 0));
  }

  @Test
  void poolsThatTellNothingHaveNoneToShow() {
    RunnerPool secretive =
        new RunnerPool() {
          @Override
          public RunnerList runners(dev.fncluster.runnerpool.RunnerCall call) {
            return RunnerList.of(List.of());
          }

          @Override
          public void shutdown(Duration grace) {}
        };

    assertThat(RunnerLook.of(secretive)).isEmpty();
  }
}
