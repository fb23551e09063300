package dev.fncluster.systemtests.conformance;

import static dev.fncluster.systemtests.conformance.ExtendedCluster.FAILED;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Listeners and annotators of apps, fns and triggers. */
@ExtendWith(ExtendedClusterExtension.class)
final class ResourceExtensionsTest {
  private final LocalCluster cluster;
  private final Heard heard;

  ResourceExtensionsTest(ExtendedCluster extended) {
    cluster = extended.nodes();
    heard = extended.heard();
  }

  @Test
  void listenersChangeAndRefuseApps() throws Exception {
    WireClient api = cluster.api();
    WireClient.Answer named = api.send("POST", "/v2/apps", "{}");
    assertThat(named.json().get("name").asText()).isEqualTo("named-by-listener");
    assertThat(heard.changes()).containsExactly("creating ", "created named-by-listener true");
    String path = "/v2/apps/" + named.json().get("id").asText();
    assertThat(api.send("PUT", path, "{}").json().at("/config/by").asText()).isEqualTo("listener");
    assertThat(api.send("GET", "/v2/apps?name=other", "").json().at("/items/0/name").asText())
        .isEqualTo("named-by-listener");
    heard.changes().clear();
    assertThat(api.send("GET", path, "").status()).isEqualTo(200);
    assertThat(api.send("DELETE", path, "").status()).isEqualTo(204);
    assertThat(heard.changes())
        .containsExactly("getting", "got named-by-listener", "deleting", "deleted");
    assertThat(create("refused").status()).isEqualTo(418);
    for (String failing : List.of("thrown", "nothing", "hung")) {
      assertThat(create(failing).status()).as(failing).isEqualTo(500);
      assertThat(create(failing).message()).as(failing).isEqualTo(FAILED);
    }
    assertThat(api.send("GET", "/v2/apps?name=thrown", "").json().get("items")).isEmpty();
  }

  @Test
  void whatFailsAfterAChangeIsToldAndDoesNotUndoIt() throws Exception {
    WireClient.Answer late = create("late");
    assertThat(late.status()).isEqualTo(418);
    assertThat(cluster.api().send("GET", "/v2/apps?name=late", "").json().get("items")).hasSize(1);
  }

  private WireClient.Answer create(String name) throws IOException {
    return cluster.api().send("POST", "/v2/apps", "{\"name\":\"" + name + "\"}");
  }

  @Test
  void fnsAndTriggersAreHeardOfAndAnnotated() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    assertThat(heard.changes())
        .contains("created fn " + fn.appName, "creating trigger /tr", "created trigger /tr");
    assertThat(
            cluster.api().send("GET", "/v2/fns/" + fn.id, "").json().at("/annotations").toString())
        .isEqualTo("{\"mine\":\"" + fn.id + "\"}");
    assertThat(
            cluster
                .api()
                .send("GET", "/v2/triggers?app_id=" + fn.appId, "")
                .json()
                .at("/items/0/annotations/mine")
                .asText())
        .isEqualTo(fn.appName);
    cluster.api().send("DELETE", "/v2/fns/" + fn.id, "");
    assertThat(heard.changes()).contains("deleted fn " + fn.id);
  }

  @Test
  void changesAndDeletionsOfFnsAreHeardOfAndMayBeRefused() throws Exception {
    WireClient api = cluster.api();
    LocalCluster.Fn fn = cluster.createFn();
    heard.changes().clear();
    String path = "/v2/fns/" + fn.id;
    assertThat(api.send("PUT", path, "{\"image\":\"other/image:1\"}").status()).isEqualTo(200);
    assertThat(heard.changes())
        .containsExactly("updating fn " + fn.id, "updated fn " + fn.id + " other/image:1");
    assertMisbehaviourFails(how -> api.send("PUT", path, "{\"image\":\"" + how + "\"}"));
    assertThat(api.send("GET", path, "").json().get("image").asText())
        .as("nothing of that was done")
        .isEqualTo("other/image:1");
    assertThat(api.send("PUT", path, "{\"image\":\"late-refused\"}").status()).isEqualTo(418);
    assertThat(api.send("GET", path, "").json().get("image").asText())
        .as("what fails after a change does not undo it")
        .isEqualTo("late-refused");
    assertMisbehaviourFails(how ->
        api.send(
            "POST",
            "/v2/fns",
            "{\"name\":\"" + how + "\",\"app_id\":\"" + fn.appId + "\",\"image\":\"a/b:1\"}"));
    heard.changes().clear();
    heard.kept().add(fn.id);
    assertThat(api.send("DELETE", path, "").status()).isEqualTo(418);
    assertThat(heard.changes()).containsExactly("deleting fn " + fn.id);
    heard.kept().clear();
    assertThat(api.send("DELETE", path, "").status()).isEqualTo(204);
    assertThat(heard.changes()).endsWith("deleting fn " + fn.id, "deleted fn " + fn.id);
  }

  @Test
  void changesAndDeletionsOfTriggersAreHeardOfAndMayBeRefused() throws Exception {
    WireClient api = cluster.api();
    LocalCluster.Fn fn = cluster.createFn();
    heard.changes().clear();
    String path = "/v2/triggers/" + fn.triggerId;
    assertThat(api.send("PUT", path, body(fn, "{\"name\":\"renamed\"}")).status()).isEqualTo(200);
    assertThat(heard.changes())
        .containsExactly(
            "updating trigger " + fn.triggerId, "updated trigger " + fn.triggerId + " renamed");
    assertMisbehaviourFails(how -> api.send("PUT", path, body(fn, "{\"name\":\"" + how + "\"}")));
    assertThat(api.send("GET", path, "").json().get("name").asText()).isEqualTo("renamed");
    assertMisbehaviourFails(how ->
        api.send(
            "POST",
            "/v2/triggers",
            "{\"name\":\"%s\",\"app_id\":\"%s\",\"fn_id\":\"%s\",\"type\":\"http\",\"source\":\"/s\"}"
                .formatted(how, fn.appId, fn.id)));
    heard.changes().clear();
    heard.kept().add(fn.triggerId);
    assertThat(api.send("DELETE", path, "").status()).isEqualTo(418);
    heard.kept().clear();
    assertThat(api.send("DELETE", path, "").status()).isEqualTo(204);
    assertThat(heard.changes())
        .containsExactly(
            "deleting trigger " + fn.triggerId,
            "deleting trigger " + fn.triggerId,
            "deleted trigger " + fn.triggerId);
  }

  // An update of a trigger names it, as those of the CLI do.
  private static String body(LocalCluster.Fn fn, String change) {
    return change.replaceFirst("}$", ",\"id\":\"" + fn.triggerId + "\"}");
  }

  private interface Sending {
    WireClient.Answer send(String how) throws IOException;
  }

  private static void assertMisbehaviourFails(Sending sending) throws IOException {
    WireClient.Answer refused = sending.send("refused");
    assertThat(refused.status()).isEqualTo(418);
    assertThat(refused.message()).isEqualTo("no tea");
    for (String how : List.of("thrown", "nothing", "hung")) {
      WireClient.Answer failed = sending.send(how);
      assertThat(failed.status()).as(how).isEqualTo(500);
      assertThat(failed.message()).as(how).isEqualTo(FAILED);
    }
  }
}
