package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.extension.CallOverrider;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.node.EmbeddedNode;
import dev.fncluster.api.node.Node;
import dev.fncluster.api.plugin.NodePlugins;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.tls.TlsContexts;
import dev.fncluster.lb.LbNode;
import dev.fncluster.runner.PureRunnerNode;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jars in the folder for plugins: how they are found, told apart, and refused. */
@Tag("docker") // Not for Docker itself: for the program's jar, which only full builds have.
final class PluginsTest {
  private static final String SERVICE = "dev.fncluster.api.extension.CallOverriderFactory";

  @TempDir private Path folder;
  private final Map<String, String> settings = new HashMap<>();

  @BeforeEach
  void folder() {
    settings.put("FN_PLUGINS_DIR", folder.toString());
  }

  /** A jar whose plugin {@code name} puts what {@code value} says into the extension {@code x}. */
  private void jar(String jar, String name, String api, String value) {
    PluginJar.of(
        folder,
        jar,
        Map.of(
            "org.example.P",
            """
            package org.example;
            import dev.fncluster.api.extension.*;
            import java.util.Map;
            @Plugin(name = "%s", api = %s)
            public class P implements CallOverriderFactory {
              static int made;
              public CallOverrider create(PluginContext context) throws Exception {
                made++;
                return (call, extensions) -> Map.of("x", String.valueOf(%s));
              }
            }
            """
                .formatted(name, api, value)),
        Map.of(SERVICE, "org.example.P"));
  }

  private List<CallOverrider> made(NodePlugins plugins) {
    return plugins.extensions(List.of(), List.of()).calls().overriders();
  }

  private NodePlugins open() {
    return NodePlugins.open(Settings.of(settings));
  }

  private String failure() {
    try (NodePlugins plugins = open()) {
      made(plugins);
    } catch (SettingException e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("nothing failed");
  }

  @Test
  void nothingIsNeededAndNothingIsUsedWithoutBeingNamed() {
    settings.clear();
    try (NodePlugins plugins = open()) {
      assertThat(made(plugins)).isEmpty();
    }
  }

  @Test
  void jarsDoNotSeeEachOther() throws Exception {
    jar("one", "a", "Plugin.API_VERSION", "\"a\" + made");
    jar("two", "b", "Plugin.API_VERSION", "\"b\" + made");
    settings.put("FN_CALL_OVERRIDERS", "b, a");
    try (NodePlugins plugins = open()) {
      List<CallOverrider> made = made(plugins);
      assertThat(made.get(0).override(new Call(), Map.of())).isEqualTo(Map.of("x", "b1"));
      assertThat(made.get(1).override(new Call(), Map.of())).isEqualTo(Map.of("x", "a1"));
    }
  }

  @Test
  void jarsDoNotSeeTheLibrariesOfTheNode() throws Exception {
    jar(
        "one",
        "a",
        "Plugin.API_VERSION",
        "new Object() { String see(String c) { try { Class.forName(c); return \"yes\"; } catch"
            + " (ClassNotFoundException e) { return \"no\"; } } }"
            + ".see(\"com.fasterxml.jackson.databind.ObjectMapper\")");
    settings.put("FN_CALL_OVERRIDERS", "a");
    try (NodePlugins plugins = open()) {
      assertThat(made(plugins).getFirst().override(new Call(), Map.of()))
          .isEqualTo(Map.of("x", "no"));
    }
  }

  @Test
  void settingsOfAPluginComeFromWhereTheNodesOwnDo() throws Exception {
    jar("one", "a", "Plugin.API_VERSION", "context.setting(\"SECRET\").orElse(\"none\")");
    Path secret = Files.writeString(folder.resolve("secret"), "in a file");
    settings.put("SECRET_FILE", secret.toString());
    settings.put("FN_CALL_OVERRIDERS", "a");
    try (NodePlugins plugins = open()) {
      assertThat(made(plugins).getFirst().override(new Call(), Map.of()))
          .isEqualTo(Map.of("x", "in a file"));
    }
  }

  @Test
  void aPluginAsksForTlsOfItsOwn() throws Exception {
    jar(
        "one",
        "a",
        "Plugin.API_VERSION",
        "context.clientTls(\"DOOR_TLS\").map(io.netty.handler.ssl.SslContext::isClient)");
    settings.put("FN_CALL_OVERRIDERS", "a");
    TlsContexts brought =
        TlsContexts.none().with("DOOR_TLS", SslContextBuilder.forClient().build());
    try (NodePlugins plugins = NodePlugins.open(Settings.of(settings), brought)) {
      assertThat(made(plugins).getFirst().override(new Call(), Map.of()))
          .isEqualTo(Map.of("x", "Optional[true]"));
    }
  }

  @Test
  void aMissingPluginIsNamedTogetherWithThoseThatAreThere() {
    settings.put("FN_CALL_OVERRIDERS", "c");
    assertThat(failure())
        .isEqualTo(
            "FN_CALL_OVERRIDERS names \"c\", which is no plugin: there are none of that kind");
    jar("one", "a", "Plugin.API_VERSION", "1");
    jar("two", "b", "Plugin.API_VERSION", "1");
    assertThat(failure())
        .isEqualTo("FN_CALL_OVERRIDERS names \"c\", which is unknown; known are a, b");
  }

  @Test
  void anAmbiguousNameIsNamedTogetherWithItsJars() {
    jar("one", "a", "Plugin.API_VERSION", "1");
    jar("two", "a", "Plugin.API_VERSION", "1");
    settings.put("FN_CALL_OVERRIDERS", "a");
    assertThat(failure())
        .isEqualTo(
            "FN_CALL_OVERRIDERS names \"a\", which is ambiguous: org.example.P of one.jar and"
                + " org.example.P of two.jar");
  }

  /** It would never be used, and nobody would be told. */
  @ParameterizedTest
  @CsvSource({
    "dev.fncluster.runnerpool.PlacerFactory,Placer,naive,FN_PLACER",
    "dev.fncluster.runnerpool.RunnerPoolFactory,RunnerPool,static,FN_RUNNER_POOL",
    "dev.fncluster.runner.extension.ContainerDriverFactory,ContainerDriver,docker,FN_CONTAINER_DRIVER"
  })
  void aPluginThatIsCalledLikeWhatIsBuiltInStopsTheNode(
      String service, String made, String name, String setting) {
    PluginJar.of(
        folder,
        "one",
        Map.of(
            "org.example.P",
            """
            package org.example;
            import dev.fncluster.api.extension.*;
            import dev.fncluster.runner.driver.*;
            import dev.fncluster.runner.extension.*;
            import dev.fncluster.runnerpool.*;
            @Plugin(name = "%2$s", api = Plugin.API_VERSION)
            public class P implements %1$sFactory {
              public %1$s create(%1$sContext context) { return null; }
            }
            """
                .formatted(made, name)),
        Map.of(service, "org.example.P"));
    assertThatThrownBy(() -> start(setting.equals("FN_CONTAINER_DRIVER")))
        .isInstanceOf(SettingException.class)
        .hasMessage(
            setting
                + " is \""
                + name
                + "\", which is built in, and org.example.P of one.jar is called so too; give the"
                + " plugin another name");
  }

  @Test
  void aBrokenPluginThatNobodyAskedForStopsNothing() throws Exception {
    PluginJar.of(
        folder,
        "one",
        Map.of("org.example.P", "package org.example; public class P {}"),
        Map.of("dev.fncluster.runnerpool.PlacerFactory", "org.example.Missing"));
    start(false);
  }

  private void start(boolean runner) throws Exception {
    settings.put("FN_PORT", "0");
    settings.put("FN_GRPC_PORT", "0");
    settings.put("FN_RUNNER_API_URL", "http://127.0.0.1:1");
    settings.put("FN_RUNNER_ADDRESSES", "127.0.0.1:1");
    EmbeddedNode.Factory<Node> factory =
        context ->
            runner ? PureRunnerNode.builder(context).build() : LbNode.builder(context).build();
    try (EmbeddedNode<Node> node = EmbeddedNode.start("test", settings, factory)) {
      assertThat(node.node().name()).isNotEmpty();
    }
  }

  @Test
  void anotherVersionOfTheInterfacesIsRefused() {
    jar("one", "a", "2", "1");
    settings.put("FN_CALL_OVERRIDERS", "a");
    assertThat(failure())
        .isEqualTo(
            "FN_CALL_OVERRIDERS names \"a\": org.example.P of one.jar is made for version 2 of the"
                + " extension interfaces, and this node has version 1");
  }

  @Test
  void aPluginThatThrowsWhileItIsMadeStopsTheNode() {
    PluginJar.of(
        folder,
        "one",
        Map.of(
            "org.example.P",
            """
            package org.example;
            import dev.fncluster.api.extension.*;
            @Plugin(name = "a", api = 1)
            public class P implements CallOverriderFactory {
              public P() { throw new IllegalStateException("no luck"); }
              public CallOverrider create(PluginContext context) { return null; }
            }
            """),
        Map.of(SERVICE, "org.example.P"));
    settings.put("FN_CALL_OVERRIDERS", "a");
    assertThat(failure())
        .startsWith("FN_CALL_OVERRIDERS is \"a\": org.example.P of one.jar failed to start: ")
        .endsWith("no luck");
  }

  @Test
  void aPluginThatHangsWhileItIsMadeStopsTheNode() {
    for (boolean inConstructor : new boolean[] {true, false}) {
      PluginJar.of(
          folder,
          "one",
          Map.of(
              "org.example.P",
              """
              package org.example;
              import dev.fncluster.api.extension.*;
              @Plugin(name = "a", api = 1)
              public class P implements CallOverriderFactory {
                private static void hang() {
                  try {
                    new java.util.concurrent.CountDownLatch(1).await();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                }
                public P() { if (%s) hang(); }
                public CallOverrider create(PluginContext context) { hang(); return null; }
              }
              """
                  .formatted(inConstructor)),
          Map.of(SERVICE, "org.example.P"));
      settings.put("FN_CALL_OVERRIDERS", "a");
      settings.put("FN_EXTENSION_START_TIMEOUT", "500ms");
      assertThat(failure())
          .isEqualTo(
              "FN_CALL_OVERRIDERS is \"a\": org.example.P of one.jar did not start within 500 ms,"
                  + " which is FN_EXTENSION_START_TIMEOUT");
    }
  }

  @Test
  void aFactoryThatReturnsNullStopsTheNode() {
    PluginJar.of(
        folder,
        "one",
        Map.of(
            "org.example.P",
            """
            package org.example;
            import dev.fncluster.api.extension.*;
            @Plugin(name = "a", api = 1)
            public class P implements CallOverriderFactory {
              public CallOverrider create(PluginContext context) { return null; }
            }
            """),
        Map.of(SERVICE, "org.example.P"));
    settings.put("FN_CALL_OVERRIDERS", "a");
    assertThat(failure())
        .isEqualTo("FN_CALL_OVERRIDERS is \"a\": org.example.P of one.jar made nothing, but null");
  }

  @Test
  void whatIsNotMarkedOrNotThereIsNamed() throws Exception {
    settings.put("FN_CALL_OVERRIDERS", "a");
    PluginJar.of(
        folder,
        "one",
        Map.of("org.example.P", "package org.example; public class P {}"),
        Map.of(SERVICE, "org.example.Missing"));
    assertThat(failure())
        .startsWith("a plugin of one.jar can't be used: ")
        .contains("org.example.Missing");
    Files.delete(folder.resolve("one.jar"));
    PluginJar.of(
        folder,
        "two",
        Map.of(
            "org.example.P",
            """
            package org.example;
            import dev.fncluster.api.extension.*;
            public class P implements CallOverriderFactory {
              public CallOverrider create(PluginContext context) { return null; }
            }
            """),
        Map.of(SERVICE, "org.example.P"));
    assertThat(failure())
        .isEqualTo("a plugin of two.jar can't be used: org.example.P is not marked with @Plugin");
  }

  @Test
  void aFolderThatIsNoneAndAJarThatIsNoneStopTheNode() throws Exception {
    Files.writeString(folder.resolve("broken.jar"), "not a jar");
    assertThatThrownBy(this::open)
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_PLUGINS_DIR has the jar broken.jar, which can't be read");
    settings.put("FN_PLUGINS_DIR", folder.resolve("nowhere").toString());
    assertThatThrownBy(this::open)
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("nowhere\", which is no folder");
  }

  @Test
  void anExtensionOfAJarServesOnAStockNode() throws Exception {
    PluginJar.of(
        folder,
        "greeting",
        Map.of(
            "org.example.Greeting",
            """
            package org.example;
            import dev.fncluster.api.extension.*;
            import dev.fncluster.api.http.HttpResponse;
            import dev.fncluster.api.model.App;
            import dev.fncluster.api.error.ServiceException;
            @Plugin(name = "greeting", api = Plugin.API_VERSION)
            public class Greeting implements Extension {
              public void setUp(ExtensionSite site) {
                String text = site.setting("GREETING").orElse("hello");
                site.endpoint(
                        "GET",
                        "/greeting/{who}",
                        (request, body) ->
                            HttpResponse.json(
                                200, text + " " + request.pathParameter("who")))
                    .rootMiddleware(
                        (exchange, next) -> {
                          String millis = exchange.request().headers().first("Block");
                          if (millis != null) {
                            new java.util.concurrent.CountDownLatch(1)
                                .await(
                                    Long.parseLong(millis),
                                    java.util.concurrent.TimeUnit.MILLISECONDS);
                          }
                          next.handle(exchange);
                        })
                    .appListener(
                        new AppListener() {
                          public App beforeCreate(App app) {
                            if (app.name().equals("rude")) throw new ServiceException(409, text);
                            return app;
                          }
                        });
              }
            }
            """),
        Map.of("dev.fncluster.api.extension.Extension", "org.example.Greeting"));
    try (NodeProcess node =
        NodeProcess.start(
            "greeting",
            Map.of(
                "FN_NODE_TYPE",
                "api",
                "FN_DB_URL",
                "sqlite3://" + folder.resolve("fn.db"),
                "FN_PLUGINS_DIR",
                folder.toString(),
                "FN_EXTENSIONS",
                "greeting",
                "FN_EXTENSION_TIMEOUT",
                "3s",
                "GREETING",
                "good day"))) {
      node.awaitReady();
      try (HttpClient client = HttpClient.newHttpClient()) {
        HttpResponse<String> greeted =
            client.send(
                HttpRequest.newBuilder(node.uri("/v2/greeting/you")).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(greeted.body()).isEqualTo("good day you");
        HttpResponse<String> refused =
            client.send(
                HttpRequest.newBuilder(node.uri("/v2/apps"))
                    .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"rude\"}"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("good day");
        HttpResponse<String> late =
            client.send(
                HttpRequest.newBuilder(node.uri("/v2/greeting/late"))
                    .header("Block", "7000")
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(late.body()).isEqualTo("good day late");
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(() ->
                assertThat(node.logLines("An event loop is blocked"))
                    .as("who blocks an event loop is named")
                    .isNotEmpty()
                    .allSatisfy(
                        line -> assertThat(line).contains("org.example.Greeting of greeting.jar")));
      }
    }
  }

  @Test
  void whatCanBeClosedIsClosedWithTheNode() throws Exception {
    Path mark = folder.resolve("closed");
    PluginJar.of(
        folder,
        "one",
        Map.of(
            "org.example.P",
            """
            package org.example;
            import dev.fncluster.api.extension.*;
            import dev.fncluster.api.model.Call;
            import java.nio.file.*;
            import java.util.Map;
            @Plugin(name = "a", api = 1)
            public class P implements CallOverriderFactory {
              public CallOverrider create(PluginContext context) { return new O(context); }
              record O(PluginContext context) implements CallOverrider, AutoCloseable {
                public Map<String, String> override(Call call, Map<String, String> all) {
                  return all;
                }
                public void close() throws Exception {
                  Files.writeString(Path.of(context.setting("MARK").get()), "x");
                }
              }
            }
            """),
        Map.of(SERVICE, "org.example.P"));
    settings.put("FN_CALL_OVERRIDERS", "a");
    settings.put("MARK", mark.toString());
    try (NodePlugins plugins = open()) {
      made(plugins);
      assertThat(mark).doesNotExist();
    }
    assertThat(mark).exists();
  }
}
