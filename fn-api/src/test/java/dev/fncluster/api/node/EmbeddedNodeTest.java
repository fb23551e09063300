package dev.fncluster.api.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.settings.SettingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Nodes within a program that goes on without them. */
final class EmbeddedNodeTest {
  private final List<String> done = new ArrayList<>();

  private final class Noting implements Node {
    private final String name;
    private final @Nullable NodeStartException failure;

    Noting(String name, @Nullable NodeStartException failure) {
      this.name = name;
      this.failure = failure;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void start() throws NodeStartException {
      done.add("start " + name);
      if (failure != null) {
        throw failure;
      }
    }

    @Override
    public void stop(Duration grace) {
      done.add("stop " + name + " " + grace);
    }
  }

  @Test
  void severalStartAndStopInOneProcess() throws Exception {
    try (EmbeddedNode<Noting> one =
            EmbeddedNode.start(
                "one", Map.of("FN_SHUTDOWN_TIMEOUT", "7s"), context -> new Noting("one", null));
        EmbeddedNode<Noting> two =
            EmbeddedNode.start("two", Map.of(), context -> new Noting("two", null))) {
      assertThat(one.node().name()).isEqualTo("one");
      two.close();
    }
    assertThat(done).containsExactly("start one", "start two", "stop two PT1M", "stop one PT7S");
  }

  @Test
  void settingsAreThoseThatAreGiven() throws Exception {
    try (EmbeddedNode<Noting> node =
        EmbeddedNode.start(
            "one",
            Map.of("GREETING", "hello"),
            context ->
                new Noting(String.valueOf(context.settings().asMap().get("GREETING")), null))) {
      assertThat(node.node().name()).isEqualTo("hello");
    }
  }

  @Test
  void whatCanNotStartIsStoppedAndSaysWhy() {
    NodeStartException failure = new NodeStartException("no engine");
    assertThatThrownBy(
            () -> EmbeddedNode.start("one", Map.of(), context -> new Noting("one", failure)))
        .isSameAs(failure);
    assertThat(done).containsExactly("start one", "stop one PT0S");
    assertThatThrownBy(() ->
            EmbeddedNode.start(
                "one", Map.of("FN_SHUTDOWN_TIMEOUT", "soon"), context -> new Noting("one", null)))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_SHUTDOWN_TIMEOUT");
  }
}
