package dev.fncluster.systemtests.conformance;

import static dev.fncluster.systemtests.conformance.ScriptedFunction.reply;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What function and caller see of a call by an HTTP trigger: the cases P1 to P14. */
@Timeout(180)
@ExtendWith(LocalClusterExtension.class)
final class TriggerConformanceTest {
  @Test
  void theRequestIsWrapped(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn();

    WireClient.Answer answer =
        fn.trigger(
            "GET",
            "/tr?q=1&r=%20x",
            "",
            "X-Foo: 1",
            "X-Foo: 2",
            "Content-Type: a/b",
            "Keep-Alive: timeout=5",
            "Fn-Http-Status: 9",
            "Fn-Call-Id: me",
            "Te: trailers");

    assertThat(answer.status()).as("P1: " + answer.body()).isEqualTo(200);
    Wire.Head head = fn.seen().head();
    assertThat(head.all("Content-Type")).as("P1").containsExactly("a/b");
    assertThat(head.all("Fn-Http-H-Content-Type")).as("P1").isEmpty();
    assertThat(head.all("Fn-Http-H-X-Foo")).as("P1").containsExactly("1", "2");
    assertThat(head.all("Fn-Http-H-Fn-Http-Status")).as("P1").containsExactly("9");
    assertThat(head.all("Fn-Http-H-Fn-Call-Id")).as("P1").containsExactly("me");
    assertThat(head.all("Fn-Http-H-Te")).as("P1").containsExactly("trailers");
    assertThat(head.names()).as("P1").noneMatch(name -> name.toLowerCase().contains("keep-alive"));
    assertThat(head.names()).as("P1").noneMatch(name -> name.equalsIgnoreCase("X-Foo"));
    assertThat(head.all("Fn-Http-Method")).as("P1").containsExactly("GET");
    assertThat(head.all("Fn-Http-Request-Url"))
        .as("P1")
        .containsExactly(
            "http://localhost:" + cluster.front().port() + "/t/" + fn.appName + "/tr?q=1&r=%20x");
    assertThat(head.all("Fn-Intent")).as("P1").containsExactly("httprequest");
  }

  @ParameterizedTest(name = "P2: {0}")
  @CsvSource({"DELETE, some", "HEAD, ''", "OPTIONS, ''", "PATCH, some", "TRACE, ''"})
  void everyMethodIsACall(String method, String body, LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn =
        cluster.createFn().answers(seen -> reply(200, "answer", "Fn-Http-H-Zed: 1"));

    WireClient.Answer answer = fn.trigger(method, "/tr", body);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.head().all("Zed")).containsExactly("1");
    assertThat(answer.body()).isEqualTo(method.equals("HEAD") ? "" : "answer");
    assertThat(fn.seen().head().all("Fn-Http-Method")).containsExactly(method);
    assertThat(fn.seen().body()).isEqualTo(body);
  }

  @Test
  void theLengthOfTheBodyIsTold(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn();

    fn.trigger("POST", "/tr", "twelve bytes");

    assertThat(fn.seen().head().all("Fn-Http-H-Content-Length")).as("P3").containsExactly("12");
  }

  @Test
  void theAnswerIsUnwrapped(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn =
        cluster
            .createFn()
            .answers(seen ->
                reply(
                    200,
                    "teapot",
                    "Fn-Http-Status: 418",
                    "Fn-Http-H-Zed: 1",
                    "Fn-Http-H-Zed: 2",
                    "fn-http-h-lower: 3",
                    "Fn-Http-H-Content-Length: 99",
                    "X-Raw: 1",
                    "Fn-Fdk-Version: scripted/1"));

    WireClient.Answer answer = fn.trigger("GET", "/tr", "");

    assertThat(answer.status()).as("P4").isEqualTo(418);
    assertThat(answer.head().all("Zed")).as("P4").containsExactly("1", "2");
    assertThat(answer.head().all("Lower")).as("P4").containsExactly("3");
    assertThat(answer.head().all("X-Raw")).as("P4").isEmpty();
    assertThat(answer.head().all("Fn-Fdk-Version")).as("P4").isEmpty();
    assertThat(answer.head().all("Fn-Http-Status")).as("P4").isEmpty();
    assertThat(answer.head().all("Fn-Call-Id")).as("P4").hasSize(1);
    assertThat(answer.head().all("Content-Length")).as("P4").containsExactly("6");
    assertThat(answer.body()).isEqualTo("teapot");
  }

  /** An empty text is for answers that have no body. */
  @ParameterizedTest(name = "{0}: Fn-Http-Status {1}")
  @CsvSource({
    "P5, nope, 200, answer",
    "P5, 0, 200, answer",
    "P5, -5, 200, answer",
    "P5, 201.5, 200, answer",
    "P6, 201, 201, answer",
    "P6, 204, 204, ''",
    "P6, 302, 302, answer",
    "P6, 304, 304, ''",
    "P6, 500, 500, answer",
    "P6, 599, 599, answer"
  })
  void theFunctionChoosesTheStatus(
      String id, String wanted, int status, String body, LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn =
        cluster
            .createFn()
            .answers(seen ->
                reply(
                    200, "answer", "Fn-Http-Status: " + wanted, "Fn-Http-H-Location: /elsewhere"));

    WireClient.Answer answer = fn.trigger("GET", "/tr", "");

    assertThat(answer.status()).as(id).isEqualTo(status);
    assertThat(answer.body()).as(id).isEqualTo(body);
    assertThat(answer.head().all("Location")).as(id).containsExactly("/elsewhere");
  }

  @ParameterizedTest(name = "P7: Fn-Http-Status {0}")
  @ValueSource(strings = {"42", "99", "1000", "100", "101", "103", "199"})
  void statusesNoAnswerCanHaveAreFailures(String wanted, LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn =
        cluster.createFn().answers(seen -> reply(200, "answer", "Fn-Http-Status: " + wanted));

    WireClient.Answer answer = fn.trigger("GET", "/tr", "");

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.body()).isEqualTo("{\"message\":\"invalid function response\"}\n");
  }

  @Test
  void theWrappedContentTypeWins(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn =
        cluster
            .createFn()
            .answers(seen ->
                reply(200, "", "Content-Type: plain/one", "Fn-Http-H-Content-Type: wrapped/one"));

    assertThat(fn.trigger("GET", "/tr", "").head().all("Content-Type"))
        .as("P8")
        .containsExactly("wrapped/one");
  }

  @Test
  void failuresWinOverWhatTheFunctionWants(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn();
    fn.answers(seen -> reply(502, "secret", "Fn-Http-Status: 201", "Fn-Http-H-X-Leak: 1"));
    WireClient.Answer failed = fn.trigger("GET", "/tr", "");
    assertThat(failed.status()).as("P9").isEqualTo(502);
    assertThat(failed.message()).as("P9").isEqualTo("function failed");

    fn.answers(seen ->
        reply(200, "x".repeat(LocalCluster.MAX_RESPONSE + 1), "X-Leak: 1", "Fn-Http-H-X-Leak: 1"));
    WireClient.Answer big = fn.trigger("GET", "/tr", "");
    assertThat(big.status()).as("P10").isEqualTo(502);
    assertThat(big.message()).as("P10").isEqualTo("function response body too large");
    assertThat(big.head().names()).as("P10").noneMatch(name -> name.contains("Leak"));
    assertThat(big.head().all("Fn-Call-Id")).as("P10").hasSize(1);
  }

  @Test
  void triggersAreNeverDetached(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn();

    WireClient.Answer answer = fn.trigger("POST", "/tr", "x", "Fn-Invoke-Type: detached");

    assertThat(answer.status()).as("P11").isEqualTo(200);
    assertThat(answer.body()).as("P11").isEqualTo("x");
    assertThat(fn.seen().head().all("Fn-Http-H-Fn-Invoke-Type")).containsExactly("detached");
  }

  @Test
  void sourcesAreMatchedToTheLetter(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn();
    cluster.createTrigger(fn, "/");
    cluster.createTrigger(fn, "/a/b");

    for (String rest : new String[] {"", "/", "?q=1", "/a/b", "/a%2Fb", "/%61/b"}) {
      assertThat(fn.trigger("GET", rest, "").status()).as("P12, P13: " + rest).isEqualTo(200);
    }
    for (String rest : new String[] {"/a/b/", "//tr", "/nope", "/A/b", "/a", "/tr/"}) {
      WireClient.Answer answer = fn.trigger("GET", rest, "");
      assertThat(answer.status()).as("P13: " + rest).isEqualTo(404);
      assertThat(answer.message()).as("P13: " + rest).isEqualTo("Trigger not found");
    }
  }

  @ParameterizedTest(name = "P14, TestTriggerRunner{0}")
  @ValueSource(strings = {"GET", "POST"})
  void unknownAppsAndTriggersAreNotFound(String method, LocalCluster cluster) throws IOException {
    String body = method.equals("POST") ? "{ \"payload\": \"\" }" : "";

    WireClient.Answer app = cluster.front().send(method, "/t/nope/tr", body);
    assertThat(app.status()).isEqualTo(404);
    assertThat(app.message()).isEqualTo("App not found");

    WireClient.Answer trigger = cluster.createFn().trigger(method, "/route", body);
    assertThat(trigger.status()).isEqualTo(404);
    assertThat(trigger.message()).isEqualTo("Trigger not found");
  }
}
