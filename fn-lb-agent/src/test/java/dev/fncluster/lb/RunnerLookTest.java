package dev.fncluster.lb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerList;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.StaticRunnerPool;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.fake.FakeRunner;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
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

  @Test
  @SuppressWarnings("NullAway") // What a plugin compiled without checks may do.
  void aPoolThatMisbehavesIsAFailureOfThePage() {
    CountDownLatch never = new CountDownLatch(1);
    List<Callable<List<Runner>>> all =
        List.of(
            () -> {
              throw new IllegalStateException("bug");
            },
            () -> null,
            () -> {
              never.await();
              return List.of();
            });
    for (Callable<List<Runner>> each : all) {
      RunnerPool pool =
          new RunnerPool() {
            @Override
            public RunnerList runners(dev.fncluster.runnerpool.RunnerCall call) {
              return RunnerList.of(List.of());
            }

            @Override
            public List<Runner> known() {
              try {
                return each.call();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            }

            @Override
            public void shutdown(Duration grace) {}
          };
      assertThatThrownBy(() -> RunnerLook.of(pool, new ExtensionRunner(Duration.ofMillis(200))))
          .hasMessage("an extension of this server failed");
    }
  }
}
