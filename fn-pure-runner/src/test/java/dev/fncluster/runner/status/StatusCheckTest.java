package dev.fncluster.runner.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.proto.RunnerStatus;
import dev.fncluster.runner.extension.HealthChecker;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Health checkers that misbehave. */
final class StatusCheckTest {
  private static RunnerStatus status(HealthChecker checker) {
    return new StatusCheck(
            new StatusSettings("", "", ""),
            checker,
            null,
            new ExtensionRunner(ExtensionRunner.DEFAULT_LIMIT),
            Duration.ofMillis(200))
        .apply("{}");
  }

  @Test
  @SuppressWarnings("NullAway") // What a program compiled without checks may do.
  void whatThrowsOrReturnsNullIsAFailure() {
    RunnerStatus thrown =
        status(() -> {
          throw new NoSuchMethodError("other version");
        });
    assertThat(thrown.getFailed()).isTrue();
    assertThat(thrown.getErrorStr()).contains("other version");
    RunnerStatus nothing = status(() -> null);
    assertThat(nothing.getFailed()).isTrue();
    assertThat(nothing.getErrorStr()).isEqualTo("an extension of this server failed");
  }

  @Test
  void whatHangsIsAFailureAndInterrupted() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    RunnerStatus hung =
        status(() -> {
          try {
            new CountDownLatch(1).await();
          } finally {
            interrupted.countDown();
          }
          throw new IllegalStateException("never reached");
        });
    assertThat(hung.getFailed()).isTrue();
    assertThat(hung.getErrorStr()).contains("the health checker took longer than PT0.2S");
    assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
  }
}
