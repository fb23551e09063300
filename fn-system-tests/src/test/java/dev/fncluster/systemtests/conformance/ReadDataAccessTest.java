package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import dev.fncluster.api.testing.FreePorts;
import dev.fncluster.lb.LbNode;
import dev.fncluster.server.FullNode;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Functions that come from elsewhere than the API node or the node's own store. */
final class ReadDataAccessTest {
  private static final String FAILED = "an extension of this server failed";

  /** Knows one app with fns that are named as they behave. */
  @SuppressWarnings("NullAway") // What a program compiled without checks may do.
  private static final class Elsewhere implements ReadDataAccess {
    private final CountDownLatch never = new CountDownLatch(1);

    @Override
    public String appIdByName(String name) {
      if (!name.equals("theirs")) {
        throw new ServiceException(404, "App not found");
      }
      return "app1";
    }

    @Override
    public App app(String id) {
      return new App(id, "theirs", Map.of("FROM", "elsewhere"), Map.of(), "", "", null, null);
    }

    @Override
    public Fn fn(String id) {
      return switch (id) {
        case "throws" -> throw new IllegalStateException("secret");
        case "null" -> null;
        case "hangs" -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          yield null;
        }
        case "fn1" ->
            new Fn(
                id, "f", "app1", "their/image:1", 64L, 10, 30, Map.of(), Map.of(), "", null, null);
        default -> throw new ServiceException(404, "Fn not found");
      };
    }

    @Override
    public Trigger triggerBySource(String appId, String type, String source) {
      if (!source.equals("/theirs")) {
        throw new ServiceException(404, "Trigger not found");
      }
      return new Trigger("t1", "t", appId, "fn1", null, null, type, source, Map.of());
    }
  }

  private static void assertServed(WireClient front) throws Exception {
    WireClient.Answer called = front.send("POST", "/invoke/fn1", "x");
    assertThat(called.body()).isEqualTo("from elsewhere");
    assertThat(front.send("POST", "/t/theirs/theirs", "x").body()).isEqualTo("from elsewhere");
    assertThat(front.send("POST", "/t/ours/theirs", "x").status()).isEqualTo(404);
    assertThat(front.send("POST", "/invoke/unknown", "x").status()).isEqualTo(404);
    for (String each : new String[] {"throws", "null", "hangs"}) {
      WireClient.Answer failed = front.send("POST", "/invoke/" + each, "x");
      assertThat(failed.status()).as(each).isEqualTo(500);
      assertThat(failed.message()).as(each).isEqualTo(FAILED);
    }
    assertThat(front.send("POST", "/invoke/fn1", "x").body()).isEqualTo("from elsewhere");
  }

  @Test
  void aLoadBalancerReadsWhereItsProgramSays() throws Exception {
    try (LocalCluster cluster =
        LocalCluster.start(
            Map.of("FN_EXTENSION_TIMEOUT", "1s"),
            (LbNode.Builder lb) -> lb.readDataAccess(new Elsewhere()))) {
      cluster
          .driver()
          .script("their/image:1", seen -> ScriptedFunction.reply(200, "from elsewhere"));
      assertServed(cluster.front());
    }
  }

  @Test
  void aFullNodeReadsWhereItsProgramSays() throws Exception {
    ScriptedDriver driver = new ScriptedDriver();
    driver.script("their/image:1", seen -> ScriptedFunction.reply(200, "from elsewhere"));
    try (LocalNodes nodes = new LocalNodes()) {
      int port = FreePorts.next();
      var unused =
          nodes.start(
              context ->
                  FullNode.builder(context).driver(driver).readDataAccess(new Elsewhere()).build(),
              Map.of(
                  "FN_PORT",
                  Integer.toString(port),
                  "FN_DB_URL",
                  "sqlite3://" + nodes.folder().resolve("fn.db"),
                  "FN_IOFS_PATH",
                  Files.createDirectory(nodes.folder().resolve("s")).toString(),
                  "FN_EXTENSION_TIMEOUT",
                  "1s"));
      assertServed(new WireClient(port));
    }
  }
}
