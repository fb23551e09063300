package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Filters, middleware and routes of extensions: where they stand and what they reach. */
@ExtendWith(ExtendedClusterExtension.class)
final class HttpExtensionsTest {
  private final LocalCluster cluster;
  private final Heard heard;

  HttpExtensionsTest(ExtendedCluster extended) {
    cluster = extended.nodes();
    heard = extended.heard();
  }

  @Test
  void rootMiddlewareStandsBeforeCallsTheApiAndUnknownPaths() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    assertThat(fn.invoke("x", "X-Prefix: middle,").body()).isEqualTo("middle,x");
    assertThat(cluster.api().send("GET", "/v2/apps", "", "X-Prefix: middle,").body())
        .startsWith("middle,{");
    assertThat(cluster.api().send("POST", "/v2/apps/a/fns/b", "", "Funcit: yes").body())
        .isEqualTo("Rerooted");
    assertThat(fn.invoke("x", "Funcit: yes").body()).isEqualTo("Rerooted");
    assertThat(fn.invoke("x", "X-Body: other").body()).isEqualTo("other");
    WireClient.Answer created =
        cluster.api().send("POST", "/v2/apps", "nonsense", "X-Body: {\"name\":\"by-middleware\"}");
    assertThat(created.body()).contains("by-middleware");
  }

  @Test
  void rootMiddlewareCanNotSendARequestElsewhere() throws Exception {
    assertThat(cluster.createFn().invoke("x", "X-Elsewhere: yes").body()).isEqualTo("x");
  }

  @Test
  void apiMiddlewareIsAChainBeforeTheApiAlone() throws Exception {
    assertThat(cluster.api().send("GET", "/v2/apps", "", "X-Api: yes").body())
        .isEqualTo("first,second,last");
    assertThat(cluster.api().send("GET", "/v2/custom/x", "", "X-Api: yes").body())
        .isEqualTo("{\"custom\":true}");
    assertThat(cluster.api().send("GET", "/", "", "X-Api: yes").body()).doesNotContain("first");
  }

  @Test
  void extensionsReadWhatTheirNodeReads() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    heard.changes().clear();
    assertThat(cluster.api().send("GET", "/v2/image/" + fn.id, "").body())
        .isEqualTo("\"" + fn.image + "\"");
    assertThat(cluster.api().send("GET", "/v2/image/none", "").status()).isEqualTo(404);
    assertThat(cluster.api().send("GET", "/", "", "X-Look-Up: " + fn.appId).body())
        .isEqualTo(fn.appName);
    assertThat(heard.changes()).as("past listeners").isEmpty();
    // A load balancer asks the API node as anybody does, whose listeners hear of it.
    assertThat(fn.invoke("x", "X-Look-Up: " + fn.appId).body()).isEqualTo(fn.appName);
    assertThat(cluster.runner().send("GET", "/", "", "X-Look-Up: " + fn.appId).status())
        .isEqualTo(503);
  }
}
