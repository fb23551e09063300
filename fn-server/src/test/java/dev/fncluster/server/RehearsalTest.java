package dev.fncluster.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.node.EmbeddedNode;
import dev.fncluster.api.node.Node;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.server.rehearsal.Rehearsal;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
  void aNodeThatRehearsesStartsAndStops() throws Exception {
    try (EmbeddedNode<Node> node =
        EmbeddedNode.start("test", settings("100ms"), ServerMain::create)) {
      assertThat(node.node().name()).isEqualTo("fn-lb");
    }
  }

  /** Neither an operator nor a restart loop is to wait for it. */
  @ParameterizedTest
  @CsvSource({
    "lb, FN_RUNNER_API_URL, ''",
    "lb, FN_PLACER, none",
    "pure-runner, FN_CONTAINER_DRIVER, none",
    "full, FN_CONTAINER_DRIVER, none"
  })
  void whatIsWrongWithSettingsIsToldBeforeTheRehearsal(String type, String name, String value) {
    Map<String, String> wrong = new HashMap<>(settings("1h"));
    wrong.put("FN_NODE_TYPE", type);
    wrong.put(name, value);
    assertThatThrownBy(() -> EmbeddedNode.start("test", wrong, ServerMain::create))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining(name);
  }

  private static Map<String, String> settings(String warmUp) {
    return Map.of(
        "FN_NODE_TYPE", "lb",
        "FN_PORT", "0",
        "FN_RUNNER_API_URL", "http://127.0.0.1:1",
        "FN_RUNNER_ADDRESSES", "127.0.0.1:1",
        "FN_WARM_UP", warmUp);
  }
}
