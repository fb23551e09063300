package dev.fncluster.systemtests.conformance;

import static dev.fncluster.systemtests.conformance.ExtendedCluster.FAILED;
import static dev.fncluster.systemtests.conformance.ExtendedCluster.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Filters, middleware and routes that fail: their request fails, and nothing else. */
@ExtendWith(ExtendedClusterExtension.class)
final class HttpExtensionFailuresTest {
  private static final Duration BOUND = Duration.ofSeconds(60);

  private final LocalCluster cluster;
  private final Heard heard;

  HttpExtensionFailuresTest(ExtendedCluster extended) {
    cluster = extended.nodes();
    heard = extended.heard();
  }

  @Test
  void aFilterThatRefusesThrowsOrHangsFailsItsRequestOnly() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    assertThat(fn.invoke("x", "Funcit: refuse").status()).isEqualTo(418);
    assertThat(fn.invoke("x", "Funcit: throw").message()).isEqualTo(FAILED);
    assertThat(fn.invoke("x", "Funcit: hang").message()).isEqualTo(FAILED);
    assertThat(fn.invoke("x").body()).isEqualTo("x");
  }

  @Test
  void middlewareThatThrowsOrKeepsARequestFailsItOnly() throws Exception {
    List<String> executed = new CopyOnWriteArrayList<>();
    LocalCluster.Fn fn =
        cluster
            .createFn()
            .answers(seen -> {
              executed.add(seen.body());
              return ScriptedFunction.reply(200, seen.body());
            });
    assertThat(fn.invoke("first").body()).isEqualTo("first");
    for (String how : List.of("throw", "for ever", "too long")) {
      WireClient.Answer answer = fn.invoke(how, "X-Keep: " + how);
      assertThat(answer.status()).as(how).isEqualTo(500);
      assertThat(answer.message()).as(how).isEqualTo(FAILED);
    }
    await().atMost(BOUND).until(() -> !heard.handedOn().isEmpty());
    assertThat(fn.invoke("last").body()).isEqualTo("last");
    assertThat(executed).as("what failed is not executed later").containsExactly("first", "last");
    assertThat(fn.invoke("twice", "X-Keep: twice").message()).isEqualTo(FAILED);
    assertThat(fn.invoke("well").body()).isEqualTo("well");
  }

  @Test
  void answersThatNoneCanBeFailTheirRequestOnly() throws Exception {
    for (String how : List.of("null", "null headers", "null body", "no status", "interim status")) {
      String escaped = how.replace(" ", "%20");
      assertFailed(how, cluster.api().send("GET", "/v2/custom/" + escaped, ""));
      assertFailed(how, cluster.api().send("GET", "/", "", "Funcit: " + how));
    }
    for (String how : List.of("null answer", "null header", "null head", "null body")) {
      assertFailed(how, cluster.api().send("GET", "/", "", "X-Keep: " + how));
    }
    assertFailed("later", cluster.api().send("GET", "/", "", "X-Keep: null answer later"));
    assertThat(cluster.api().send("GET", "/v2/custom/x", "").status()).isEqualTo(200);
  }

  @Test
  void aWrappedExchangeThatThrowsFailsItsRequestOnly() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    heard.calls().clear();
    for (String what : List.of("body", "head")) {
      assertFailed(what, fn.invoke("x", "X-Break: " + what));
    }
    // The head of the answer has gone out by then.
    assertThatThrownBy(() -> fn.invoke("x", "X-Break: data")).isInstanceOf(IOException.class);
    assertThat(catchThrowable(() -> fn.invoke("x", "X-Break: complete")))
        .as("the answer, or the reset of its connection before that was read")
        .matches(failure -> failure == null || failure instanceof IOException);
    assertThat(fn.invoke("x", "X-Break: respond").body()).as("is not used").isEqualTo("x");
    for (String path : List.of("/v2/apps", "/", "/v2/custom/x")) {
      assertFailed(path, cluster.api().send("GET", path, "", "X-Break: respond"));
    }
    assertFailed("/none", cluster.api().send("GET", "/none", "", "X-Break: complete"));
    assertThat(fn.invoke("well").body()).isEqualTo("well");
    await()
        .atMost(BOUND)
        .untilAsserted(() ->
            assertThat(heard.calls())
                .as("all calls end that have begun")
                .filteredOn(each -> each.startsWith("lb after"))
                .hasSameSizeAs(
                    heard.calls().stream().filter(each -> each.startsWith("lb before")).toList()));
  }

  @Test
  void routesOfOnesOwnAreLimitedAndDoNoHarm() throws Exception {
    assertThat(cluster.api().send("GET", "/v2/custom/throw", "").message()).isEqualTo(FAILED);
    assertThat(cluster.api().send("GET", "/v2/custom/hang", "").message()).isEqualTo(FAILED);
    assertThat(cluster.api().send("GET", "/v2/custom/x", "").status()).isEqualTo(200);
  }
}
