package dev.fncluster.systemtests.conformance;

import static dev.fncluster.systemtests.conformance.ScriptedFunction.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What function and caller see of a call by {@code /invoke}: the cases I1 to I25. */
@Timeout(180)
@ExtendWith(LocalClusterExtension.class)
final class InvokeConformanceTest {
  @ParameterizedTest(name = "I1: body \"{0}\"")
  @ValueSource(strings = {"", "some"})
  void theFunctionGetsAPost(String body, LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn();

    WireClient.Answer answer = fn.invoke(body, "Content-Type: text/x", "X-Foo: 1");

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(body);
    Wire.Head head = fn.seen().head();
    assertThat(head.firstLine()).isEqualTo("POST /call HTTP/1.1");
    assertThat(head.all("Host")).containsExactly("localhost");
    assertThat(head.all("Transfer-Encoding")).containsExactly("chunked");
    assertThat(head.all("Content-Length")).isEmpty();
    assertThat(head.all("Content-Type")).containsExactly("text/x");
    assertThat(head.all("X-Foo")).containsExactly("1");
    assertThat(head.all("User-Agent")).as("none of ours").isEmpty();
    assertThat(head.all("Accept-Encoding")).as("none of ours").isEmpty();
    assertThat(fn.seen().body()).isEqualTo(body);
  }

  @Test
  void headersOfTheConnectionEndHere(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn();

    fn.invoke(
        "x",
        "Connection: close",
        "Keep-Alive: timeout=5",
        "Proxy-Connection: keep-alive",
        "Te: gzip",
        "Upgrade: websocket",
        "Proxy-Authorization: Basic x",
        "Proxy-Authenticate: Basic",
        "Trailer: X-After",
        "Authorization: Bearer y",
        "X-Foo: 1",
        "X-Foo: 2",
        "Fn-Intent: cloudevent",
        "Accept: a/b",
        "X-B3-TraceId: 463ac35c9f6413ad");

    Wire.Head head = fn.seen().head();
    for (String gone :
        new String[] {
          "Connection",
          "Keep-Alive",
          "Proxy-Connection",
          "Te",
          "Upgrade",
          "Proxy-Authorization",
          "Proxy-Authenticate",
          "Trailer"
        }) {
      assertThat(head.all(gone)).as("I2: " + gone).isEmpty();
    }
    assertThat(head.all("Authorization")).as("I2").containsExactly("Bearer y");
    assertThat(head.all("X-Foo")).as("I2").containsExactly("1", "2");
    assertThat(head.all("Fn-Intent")).as("I2").containsExactly("cloudevent");
    assertThat(head.all("Accept")).as("I2").containsExactly("a/b");
    assertThat(head.all("X-B3-Traceid")).as("I2").containsExactly("463ac35c9f6413ad");
  }

  @Test
  void idAndDeadlineAreOurs(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn(body -> body.put("timeout", 17));
    Instant before = Instant.now();

    WireClient.Answer answer =
        fn.invoke("x", "Fn-Call-Id: mine", "Fn-Deadline: 2001-01-01T00:00:00Z");

    Instant after = Instant.now();
    assertThat(answer.head().all("Fn-Call-Id")).as("I3").hasSize(1);
    assertThat(answer.head().first("Fn-Call-Id")).as("I3").hasSize(26);
    assertThat(fn.seen().head().all("Fn-Call-Id"))
        .as("I3")
        .containsExactly(answer.head().first("Fn-Call-Id"));
    assertThat(fn.seen().head().all("Fn-Deadline")).as("I3").hasSize(1);
    Instant deadline = Instant.parse(fn.seen().head().first("Fn-Deadline"));
    assertThat(deadline)
        .as("I4, in whole seconds")
        .isBetween(before.plusSeconds(16), after.plusSeconds(18));
  }

  @Test
  void theQueryIsDropped(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn();

    WireClient.Answer answer = cluster.front().send("POST", "/invoke/" + fn.id + "?secret=1", "x");

    assertThat(answer.status()).as("I5").isEqualTo(200);
    assertThat(fn.seen().head().toString()).as("I5").doesNotContain("secret");
  }

  @Test
  void theConfigOfTheFunctionWinsAndThePlatformsWords(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn =
        cluster.createFn(body ->
            body.putObject("config")
                .put("SHARED", "fn")
                .put("FN_MEMORY", "1")
                .put("FN_LISTENER", "tcp:1")
                .put("FN_FN_ID", "me"));
    fn.invoke("x");

    assertThat(cluster.driver().made(fn.image).getFirst().spec().environment())
        .as("I6")
        .containsEntry("APP", "app")
        .containsEntry("SHARED", "fn")
        .containsEntry("FN_MEMORY", "64")
        .containsEntry("FN_LISTENER", "unix:/tmp/iofs/lsnr.sock")
        .containsEntry("FN_FN_ID", fn.id);
  }

  @Test
  void headersOfTheAnswerPassAsTheyAre(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn =
        cluster
            .createFn()
            .answers(seen ->
                reply(
                    200,
                    "abc",
                    "Fn-Http-Status: 418",
                    "Fn-Http-H-Zed: 1",
                    "Fn-Fdk-Version: scripted/1",
                    "Keep-Alive: timeout=5",
                    "X-Multi: a",
                    "X-Multi: b"));

    WireClient.Answer answer = fn.invoke("x");

    assertThat(answer.status()).as("I8").isEqualTo(200);
    assertThat(answer.head().all("Fn-Http-Status")).as("I8").containsExactly("418");
    assertThat(answer.head().all("Fn-Http-H-Zed")).as("I8").containsExactly("1");
    assertThat(answer.head().all("Fn-Fdk-Version")).as("I8").containsExactly("scripted/1");
    assertThat(answer.head().all("X-Multi")).as("I8").containsExactly("a", "b");
    assertThat(answer.head().all("Content-Length")).as("I9").containsExactly("3");
    assertThat(answer.head().all("Keep-Alive")).as("I9").isEmpty();
    assertThat(answer.body()).isEqualTo("abc");
  }

  @Test
  void theCallIdCannotBeForged(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn().answers(seen -> reply(200, "", "Fn-Call-Id: forged"));

    WireClient.Answer answer = fn.invoke("x");

    assertThat(answer.head().all("Fn-Call-Id"))
        .as("I10")
        .containsExactly(fn.seen().head().first("Fn-Call-Id"));
  }

  @ParameterizedTest(name = "I11, I12: a function that answers {0}")
  @CsvSource({
    "502, 502, function failed, true",
    "504, 504, Timed out, true",
    "500, 502, invalid function response, false",
    "202, 502, invalid function response, false",
    "201, 502, invalid function response, false",
    "404, 502, invalid function response, false"
  })
  void theStatusOfTheContainerIsMapped(
      int from, int to, String message, boolean stays, LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn =
        cluster.createFn().answers(seen -> reply(from, "secret", "X-Leak: 1", "A: b"));

    WireClient.Answer answer = fn.invoke("x");

    assertThat(answer.status()).isEqualTo(to);
    assertThat(answer.body()).isEqualTo("{\"message\":\"" + message + "\"}\n");
    assertThat(answer.head().all("X-Leak")).isEmpty();
    assertThat(answer.head().all("Fn-Call-Id")).hasSize(1);
    fn.answers(seen -> reply(200, seen.container()));
    String container = fn.invoke("x").body();
    String first = cluster.driver().made(fn.image).getFirst().spec().id();
    assertThat(container.equals(first)).as("the container is used again").isEqualTo(stays);
  }

  @Test
  void functionsThatSleepTimeOut(LocalCluster cluster) throws IOException {
    CountDownLatch goOn = new CountDownLatch(1);
    LocalCluster.Fn fn =
        cluster
            .createFn(body -> body.put("timeout", 1))
            .answers(seen -> {
              goOn.await(90, TimeUnit.SECONDS);
              return reply(200, "late");
            });

    WireClient.Answer answer = fn.invoke("x");

    goOn.countDown();
    assertFailure("I13", answer, 504, "Timed out");
  }

  @Test
  void functionsThatExitBreakTheirCall(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn =
        cluster
            .createFn()
            .answers(seen -> {
              cluster.driver().container(seen.container()).exit(1);
              return null;
            });

    assertFailure("I14", fn.invoke("x"), 502, "error receiving function response");
  }

  @Test
  void headersKeepTheirCharactersInBothDirections(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn();
    fn.answers(seen -> reply(200, "", "X-Back: zur\u00fcck \u20ac", "Fn-Http-H-Back: \u20ac"));

    WireClient.Answer answer = fn.invoke("x", "X-There: hin\u00fcber \u20ac");
    assertThat(utf8(fn.seen().head().first("X-There"))).isEqualTo("hin\u00fcber \u20ac");
    assertThat(utf8(answer.head().first("X-Back"))).isEqualTo("zur\u00fcck \u20ac");

    answer = fn.trigger("GET", "/tr?q=\u20ac", "", "X-There: \u20ac");
    assertThat(utf8(fn.seen().head().first("Fn-Http-H-X-There"))).isEqualTo("\u20ac");
    assertThat(utf8(fn.seen().head().first("Fn-Http-Request-Url"))).endsWith("/tr?q=\u20ac");
    assertThat(utf8(answer.head().first("Back"))).isEqualTo("\u20ac");
  }

  /** Heads are read a character a byte. */
  private static String utf8(String read) {
    return new String(read.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  @Test
  void answersOverTheLimitAreRefused(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn();
    fn.answers(seen -> reply(200, "x".repeat(LocalCluster.MAX_RESPONSE + 1), "X-Leak: 1"));
    WireClient.Answer body = fn.invoke("x");
    assertFailure("I15", body, 502, "function response body too large");
    assertThat(body.head().all("X-Leak")).as("I15").isEmpty();

    fn.answers(seen -> reply(200, "", "Zoo: " + "a".repeat(LocalCluster.MAX_RESPONSE_HEAD)));
    assertFailure("I15", fn.invoke("x"), 502, "function response header too large");

    fn.answers(seen -> reply(200, "x".repeat(LocalCluster.MAX_RESPONSE)));
    assertThat(fn.invoke("x").status()).as("I15: just at the limit").isEqualTo(200);
  }

  @Test
  void functionsThatNeverListenTimeOut(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn(body -> body.put("image", "scripted/silent:1"));

    assertFailure(
        "I16",
        fn.invoke("x"),
        504,
        "Container initialization timed out, please ensure you are using the latest fdk and check"
            + " the logs");
  }

  @Test
  void functionsThatDoNotFitAreRefused(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn(body -> body.put("memory", 8192));

    WireClient.Answer answer = fn.invoke("x");

    assertThat(answer.status()).as("I19").isEqualTo(400);
    assertThat(answer.message()).as("I19").isEqualTo("Requested CPU/Memory cannot be allocated");
  }

  @Test
  void callsBeyondTheCapacityAreRefused(LocalCluster cluster) throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    LocalCluster.Fn fn =
        cluster
            .createFn(body -> body.put("memory", 700).put("timeout", 120))
            .answers(seen -> {
              entered.countDown();
              goOn.await(90, TimeUnit.SECONDS);
              return reply(200, "done");
            });
    FutureTask<WireClient.Answer> first = new FutureTask<>(() -> fn.invoke("1"));
    Thread.ofVirtual().start(first);
    assertThat(entered.await(90, TimeUnit.SECONDS)).isTrue();

    LocalCluster.Fn other = cluster.createFn(body -> body.put("memory", 700));
    WireClient.Answer refused = other.invoke("2");

    goOn.countDown();
    assertFailure("I20", refused, 503, "Timed out - server too busy");
    assertThat(refused.head().all("Retry-After")).as("I20").containsExactly("15");
    assertThat(first.get(90, TimeUnit.SECONDS).body()).as("I20").isEqualTo("done");
  }

  @Test
  void detachedCallsAreAnsweredBeforeTheyEnd(LocalCluster cluster) throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    LocalCluster.Fn fn =
        cluster
            .createFn()
            .answers(seen -> {
              goOn.await(90, TimeUnit.SECONDS);
              ended.countDown();
              return reply(200, "nobody sees this");
            });

    WireClient.Answer answer = fn.invoke("x", "Fn-Invoke-Type: detached");

    assertThat(answer.status()).as("I22").isEqualTo(202);
    assertThat(answer.body()).as("I22").isEmpty();
    assertThat(answer.head().all("Content-Length")).as("I22").containsExactly("0");
    assertThat(answer.head().all("Fn-Call-Id")).as("I22").hasSize(1);
    goOn.countDown();
    assertThat(ended.await(90, TimeUnit.SECONDS)).as("I22: it goes on").isTrue();
  }

  @Test
  void runnersThatDoNotDetachSaySo(LocalCluster cluster) throws Exception {
    WireClient front = cluster.startFront(Map.of("FN_ENABLE_DETACHED", "false"));
    LocalCluster.Fn fn = cluster.createFn();
    String target = "/invoke/" + fn.id;

    WireClient.Answer answer = front.send("POST", target, "x", "Fn-Invoke-Type: detached");

    assertThat(answer.status()).as("I22").isEqualTo(501);
    assertThat(answer.message())
        .as("I22")
        .isEqualTo("Detach call functions are not supported on this server");
    assertThat(front.send("POST", target, "x").body())
        .as("I22: other calls go well")
        .isEqualTo("x");
  }

  @ParameterizedTest(name = "I23: {0}")
  @ValueSource(strings = {"Detached", "sync"})
  void otherWordsDoNotDetach(String word, LocalCluster cluster) throws IOException {
    WireClient.Answer answer = cluster.createFn().invoke("x", "Fn-Invoke-Type: " + word);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("x");
  }

  @Test
  void functionsThatAreDeletedEndSoon(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn();
    assertThat(fn.invoke("x").status()).isEqualTo(200);

    assertThat(cluster.api().send("DELETE", "/v2/fns/" + fn.id, "").status()).isEqualTo(204);

    await()
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(() -> {
          WireClient.Answer answer = fn.invoke("x");
          assertThat(answer.status()).as("I24").isEqualTo(404);
          assertThat(answer.message()).as("I24").isEqualTo("Fn not found");
        });
  }

  @Test
  void unknownFunctionsAreNotFound(LocalCluster cluster) throws IOException {
    WireClient.Answer answer = cluster.front().send("POST", "/invoke/notfn", "", "Content-Type: ");

    assertThat(answer.status()).as("I25, TestBadRequests").isEqualTo(404);
    assertThat(answer.message()).isEqualTo("Fn not found");
    assertThat(answer.head().all("Fn-Call-Id")).isEmpty();
  }

  private static void assertFailure(
      String id, WireClient.Answer answer, int status, String message) {
    assertThat(answer.status()).as(id + ": " + answer.body()).isEqualTo(status);
    assertThat(answer.body()).as(id).isEqualTo("{\"message\":\"" + message + "\"}\n");
    assertThat(answer.head().first("Content-Type"))
        .as(id)
        .isEqualTo("application/json; charset=utf-8");
    assertThat(answer.head().all("Fn-Call-Id")).as(id).hasSize(1);
  }
}
