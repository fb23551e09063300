package dev.fncluster.api.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.extension.Extension;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Extensions that misbehave while a node starts or stops. */
final class NodePluginsTest {
  private static NodePlugins open(Map<String, String> settings) {
    return NodePlugins.open(Settings.of(settings));
  }

  private static String failure(Extension extension) {
    try (NodePlugins plugins = open(Map.of("FN_EXTENSION_START_TIMEOUT", "300ms"))) {
      plugins.extensions(List.of(), List.of(extension));
    } catch (SettingException e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("nothing failed");
  }

  @Test
  void oneThatHangsWhileItIsSetUpKeepsTheNodeFromStarting() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    Extension hanging =
        site -> {
          try {
            new CountDownLatch(1).await();
          } finally {
            interrupted.countDown();
          }
        };
    assertThat(failure(hanging))
        .isEqualTo(
            "the extension "
                + hanging.getClass().getName()
                + " did not start within 300 ms, which is FN_EXTENSION_START_TIMEOUT");
    assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void oneThatThrowsWhileItIsSetUpKeepsTheNodeFromStarting() {
    Extension throwing =
        site -> {
          throw new java.io.IOException("no luck");
        };
    assertThat(failure(throwing)).contains(throwing.getClass().getName()).contains("no luck");
    Extension ofOtherVersion =
        site -> {
          throw new NoSuchMethodError("gone");
        };
    assertThat(failure(ofOtherVersion)).contains("gone");
    IllegalStateException own = new IllegalStateException("its own words");
    try (NodePlugins plugins = open(Map.of())) {
      assertThatThrownBy(() ->
              plugins.extensions(
                  List.of(),
                  List.of(site -> {
                    throw own;
                  })))
          .isSameAs(own);
    }
  }

  @Test
  void oneThatHangsOrThrowsWhenItIsClosedKeepsNoOtherFromBeingClosed() {
    List<String> closed = new ArrayList<>();
    record Closing(CountDownLatch never, List<String> closed, String how)
        implements Extension, AutoCloseable {
      @Override
      public void setUp(dev.fncluster.api.extension.ExtensionSite site) {}

      @Override
      public void close() throws Exception {
        switch (how) {
          case "hangs" -> never.await();
          case "throws" -> throw new NoSuchMethodError("gone");
          default -> closed.add(how);
        }
      }
    }
    CountDownLatch never = new CountDownLatch(1);
    try (NodePlugins plugins = open(Map.of("FN_EXTENSION_TIMEOUT", "200ms"))) {
      var unused =
          plugins.extensions(
              List.of(),
              List.of(
                  new Closing(never, closed, "first"),
                  new Closing(never, closed, "hangs"),
                  new Closing(never, closed, "throws"),
                  new Closing(never, closed, "last")));
    }
    assertThat(closed).containsExactly("last", "first");
  }

  @Test
  @SuppressWarnings("NullAway") // What a program compiled without checks may do.
  void aFactoryOfTheProgramThatMisbehavesKeepsTheNodeFromStarting() {
    CountDownLatch never = new CountDownLatch(1);
    try (NodePlugins plugins = open(Map.of("FN_EXTENSION_START_TIMEOUT", "300ms"))) {
      assertThat(plugins.make(this, () -> "well")).isEqualTo("well");
      String who = "this program's factory " + getClass().getName();
      assertThatThrownBy(() -> plugins.make(this, () -> null))
          .isInstanceOf(SettingException.class)
          .hasMessage(who + " made nothing, but null");
      assertThatThrownBy(() ->
              plugins.make(
                  this,
                  () -> {
                    throw new NoSuchMethodError("gone");
                  }))
          .isInstanceOf(SettingException.class)
          .hasMessage(who + " failed to start: java.lang.NoSuchMethodError: gone");
      assertThatThrownBy(() ->
              plugins.make(
                  this,
                  () -> {
                    never.await();
                    return "late";
                  }))
          .isInstanceOf(SettingException.class)
          .hasMessage(who + " did not start within 300 ms, which is FN_EXTENSION_START_TIMEOUT");
    }
  }

  @Test
  void whatAPluginMadeIsClosedWithTheNodeIfItCanBe() {
    List<String> closed = new ArrayList<>();
    AutoCloseable made = () -> closed.add("made");
    try (NodePlugins plugins = open(Map.of())) {
      assertThat(plugins.closing(made)).isSameAs(made);
      assertThat(plugins.closing("no such thing")).isEqualTo("no such thing");
      assertThat(closed).isEmpty();
    }
    assertThat(closed).containsExactly("made");
  }
}
