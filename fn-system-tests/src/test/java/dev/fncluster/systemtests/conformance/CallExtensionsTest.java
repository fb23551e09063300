package dev.fncluster.systemtests.conformance;

import static dev.fncluster.systemtests.conformance.ExtendedCluster.FAILED;
import static dev.fncluster.systemtests.conformance.ExtendedCluster.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Listeners, overriders and request ids on the way of a call. */
@ExtendWith(ExtendedClusterExtension.class)
final class CallExtensionsTest {
  private static final Duration BOUND = Duration.ofSeconds(60);

  private final LocalCluster cluster;
  private final Heard heard;

  CallExtensionsTest(ExtendedCluster extended) {
    cluster = extended.nodes();
    heard = extended.heard();
  }

  @Test
  void bothSidesHearOfACallBeforeAndAfterIt() throws Exception {
    String id = cluster.createFn().invoke("x").head().first("Fn-Call-Id");
    await().atMost(BOUND).until(() -> heard.of(id).size() == 4);
    assertThat(heard.of(id).subList(0, 2))
        .containsExactly("lb before " + id, "runner before " + id);
    assertThat(heard.of(id).subList(2, 4))
        .containsExactlyInAnyOrder(
            "lb after " + id + " success ", "runner after " + id + " success ");
  }

  @Test
  void theEndOfACallThatFailedSaysSo() throws Exception {
    LocalCluster.Fn fn = cluster.createFn().answers(seen -> ScriptedFunction.reply(502, "crash"));
    WireClient.Answer answer = fn.invoke("x");
    assertThat(answer.status()).isEqualTo(502);
    String id = answer.head().first("Fn-Call-Id");
    await().atMost(BOUND).until(() -> heard.of(id).size() == 4);
    assertThat(heard.of(id))
        .contains(
            "runner after " + id + " error function failed",
            "lb after " + id + " error function failed");
  }

  @Test
  void aListenerThatRefusesThrowsOrHangsEndsItsCallOnly() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    for (String node : List.of("lb", "runner")) {
      heard.calls().clear();
      WireClient.Answer refused = fn.invoke("x", "X-" + node + ": refuse");
      String refusedId = refused.head().first("Fn-Call-Id");
      assertThat(refused.status()).isEqualTo(418);
      assertThat(refused.message()).isEqualTo("no tea");
      for (String order : List.of("throw", "hang")) {
        WireClient.Answer failed = fn.invoke("x", "X-" + node + ": " + order);
        assertThat(failed.status()).isEqualTo(500);
        assertThat(failed.message()).isEqualTo(FAILED);
      }
      assertThat(fn.invoke("well", "X-" + node + ": well").body()).isEqualTo("well");
      await()
          .atMost(BOUND)
          .until(() -> heard.calls().stream().anyMatch(each -> each.startsWith(node + " after")));
      assertThat(heard.calls())
          .contains(node + " before " + refusedId)
          .as("who did not let a call begin is not told of its end")
          .noneMatch(each -> each.startsWith(node + " after " + refusedId));
    }
  }

  @Test
  void whatAnOverriderPutsIntoACallThatCanNotBeThereFailsItOnly() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    for (String node : List.of("lb", "runner")) {
      for (String what :
          List.of("image", "headers", "config", "config value", "annotation", "extension")) {
        WireClient.Answer answer = fn.invoke("x", "X-Put-" + node + ": " + what);
        if (answer.status() != 200) {
          assertFailed(node + " " + what, answer);
        }
      }
    }
    assertThat(fn.invoke("well").body()).isEqualTo("well");
  }

  @Test
  void requestIdsComeFromTheirProvider() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    fn.invoke("x", "Req-Id: 7");
    assertThat(fn.seen().head().first("Req-Id")).isEqualTo("id-of-7");
    fn.invoke("x");
    assertThat(fn.seen().head().first("Req-Id")).isEqualTo("id-of-");
  }
}
