package dev.fncluster.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.settings.Settings;
import dev.fncluster.server.rehearsal.Rehearsal;
import dev.fncluster.server.rehearsal.WarmUp;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@Timeout(180)
final class RehearsalTest {
  private static Set<String> ourThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("fn-"))
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void callsAreAnsweredAndNothingIsLeft(boolean store) throws Exception {
    Set<String> before = ourThreads();
    try (Rehearsal rehearsal = Rehearsal.start(store)) {
      assertThat(rehearsal.run(Duration.ofSeconds(1), 4)).isPositive();
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(ourThreads()).isSubsetOf(before));
  }

  @Test
  void theLogIsAsItWasAfterAWarmUp() throws Exception {
    Logger root = LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    boolean before = root.isInfoEnabled();
    WarmUp.run(Settings.of(Map.of("FN_WARM_UP", "100ms")));
    assertThat(root.isInfoEnabled()).isEqualTo(before);
  }
}
