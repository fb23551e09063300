package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which path and method is answered how, on which node: the cases R1 to R19 and C1 to C5. */
@Timeout(180)
@ExtendWith(LocalClusterExtension.class)
final class RoutingConformanceTest {
  private static final String JSON = "application/json; charset=utf-8";

  /** An empty message stands for an answer whose body is not looked at. */
  @ParameterizedTest(name = "{0}: {1} {2} {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "R1  | api | GET     | /             | 200 |",
        "R1  | lb  | GET     | /             | 200 |",
        "R2  | api | HEAD    | /             | 405 |",
        "R2  | lb  | HEAD    | /             | 405 |",
        "R3  | api | GET     | /version      | 200 |",
        "R3  | lb  | GET     | /version      | 200 |",
        "R4  | api | POST    | /version      | 405 | Method not allowed: POST /version",
        "R4  | lb  | POST    | /version      | 405 | Method not allowed: POST /version",
        "R6  | api | GET     | /nope         | 404 | Path not found: GET /nope",
        "R6  | lb  | GET     | /nope?a=b     | 404 | Path not found: GET /nope",
        "R7  | api | GET     | /shutdown     | 404 | Path not found: GET /shutdown",
        "R7  | lb  | GET     | /ping         | 404 | Path not found: GET /ping",
        "R9  | api | DELETE  | /v2/apps/     | 404 | Path not found: DELETE /v2/apps/",
        "R9  | api | PUT     | /v2/apps/     | 404 | Path not found: PUT /v2/apps/",
        "R10 | api | DELETE  | /v2/apps      | 405 | Method not allowed: DELETE /v2/apps",
        "R10 | api | PATCH   | /v2/apps/a    | 405 | Method not allowed: PATCH /v2/apps/a",
        "R10 | api | OPTIONS | /v2/apps      | 405 | Method not allowed: OPTIONS /v2/apps",
        "R11 | api | GET     | /v2//apps     | 404 | Path not found: GET /v2//apps",
        "R11 | api | GET     | /V2/apps      | 404 | Path not found: GET /V2/apps",
        "R11 | api | GET     | /v2/apps/a%2Fb | 404 | Path not found: GET /v2/apps/a/b",
        "R13 | api | POST    | /v2/fns/x/calls | 405 | Method not allowed: POST /v2/fns/x/calls",
        "R14 | api | POST    | /invoke/x     | 404 | Path not found: POST /invoke/x",
        "R14 | api | GET     | /t/a/b        | 404 | Path not found: GET /t/a/b",
        "R15 | lb  | GET     | /v2/apps      | 404 | Path not found: GET /v2/apps",
        "R15 | lb  | GET     | /invoke/x     | 405 | Method not allowed: GET /invoke/x",
        "R16 | lb  | POST    | /invoke       | 404 | Path not found: POST /invoke",
        "R16 | lb  | POST    | /invoke/      | 404 | Path not found: POST /invoke/",
        "R16 | lb  | POST    | /invoke/x/extra | 404 | Path not found: POST /invoke/x/extra",
        "R16 | lb  | GET     | /t            | 404 | Path not found: GET /t",
        "R16 | lb  | GET     | /t/           | 404 | Path not found: GET /t/",
        "R17 | lb  | FOO     | /t/app/src    | 405 | Method not allowed: FOO /t/app/src",
        "C4  | api | OPTIONS | /v2/apps      | 405 | Method not allowed: OPTIONS /v2/apps"
      })
  void answersByPathAndMethod(
      String id,
      String node,
      String method,
      String target,
      int status,
      String message,
      LocalCluster cluster)
      throws IOException {
    WireClient.Answer answer = client(cluster, node).send(method, target, "");

    assertThat(answer.status()).as(id).isEqualTo(status);
    assertThat(answer.head().first("Content-Type")).as(id).isEqualTo(JSON);
    assertThat(answer.head().names()).as(id).doesNotContain("Allow", "Fn-Call-Id");
    if (message != null) {
      assertThat(answer.body()).as(id).isEqualTo("{\"message\":\"" + message + "\"}\n");
    }
    if (method.equals("HEAD")) {
      assertThat(answer.body()).as(id).isEmpty();
    }
  }

  @Test
  void pagesHaveTheirForm(LocalCluster cluster) throws IOException {
    for (WireClient node : new WireClient[] {cluster.api(), cluster.front()}) {
      assertThat(node.send("GET", "/", "").body())
          .as("R1")
          .isEqualTo("{\"goto\":\"https://github.com/fnproject/fn\",\"hello\":\"world!\"}");
      assertThat(node.send("GET", "/version", "").json().get("version").isTextual())
          .as("R3")
          .isTrue();
      WireClient.Answer metrics = node.send("GET", "/metrics", "");
      assertThat(metrics.status()).as("R5").isEqualTo(200);
      assertThat(metrics.head().first("Content-Type"))
          .as("R5")
          .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    }
  }

  @Test
  void redirectsWhereOnlyASlashIsOff(LocalCluster cluster) throws IOException {
    WireClient.Answer get = cluster.api().send("GET", "/v2/apps/", "");
    assertThat(get.status()).as("R8").isEqualTo(301);
    assertThat(get.head().all("Location")).as("R8").containsExactly("/v2/apps");

    WireClient.Answer post = cluster.api().send("POST", "/v2/apps/", "{}");
    assertThat(post.status()).as("R8").isEqualTo(307);
    assertThat(post.head().all("Location")).as("R8").containsExactly("/v2/apps");
    assertThat(post.body()).as("R8").isEmpty();
  }

  @ParameterizedTest(name = "R12: {0}")
  @CsvSource({"/v2/fns/x/calls", "/v2/fns/x/calls/y", "/v2/fns/x/calls/y/log"})
  void whatIsGoneIsGone(String target, LocalCluster cluster) throws IOException {
    WireClient.Answer answer = cluster.api().send("GET", target, "");

    assertThat(answer.status()).isEqualTo(410);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.head().all("Content-Type")).isEmpty();
    assertThat(answer.head().all("Content-Length")).containsExactly("0");
  }

  @Test
  void bodiesThatSayTheyAreTooLongAreRefused(LocalCluster cluster) throws IOException {
    int size = LocalCluster.MAX_REQUEST + 1;
    String body = "x".repeat(size);
    String target = "/invoke/" + cluster.createFn().id;

    for (WireClient.Answer answer :
        new WireClient.Answer[] {
          cluster.api().send("POST", "/v2/apps", body), cluster.front().send("POST", target, body)
        }) {
      assertThat(answer.status()).as("R18").isEqualTo(413);
      assertThat(answer.message())
          .as("R18")
          .isEqualTo(
              "Content-Length too large for this server, "
                  + size
                  + " > max "
                  + LocalCluster.MAX_REQUEST);
      assertThat(answer.body()).as("R18").contains("\\u003e");
      assertThat(answer.head().names()).as("R18").doesNotContain("Fn-Call-Id");
    }
  }

  @Test
  void bodiesThatTurnOutTooLongAreRefused(LocalCluster cluster) throws IOException {
    String body = "x".repeat(LocalCluster.MAX_REQUEST + 1);
    String chunked = Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n";

    assertThat(post(cluster.api(), "/v2/apps", chunked).status()).as("R19").isEqualTo(413);
    assertThat(post(cluster.front(), "/invoke/" + cluster.createFn().id, chunked).status())
        .as("R19")
        .isEqualTo(413);
  }

  @ParameterizedTest(name = "{0}: {1} {2} from {3}")
  @CsvSource({
    "C1, GET, /nope, http://ok.com, 404",
    "C1, GET, /nope, http://two.com, 404",
    "C2, GET, /, http://bad.com, 403",
    "C2, GET, /, https://ok.com, 403"
  })
  void browsersAreLetInByTheirOrigin(
      String id, String method, String target, String origin, int status, LocalCluster cluster)
      throws IOException {
    for (WireClient node : new WireClient[] {cluster.api(), cluster.front()}) {
      WireClient.Answer answer = node.send(method, target, "", "Origin: " + origin);

      assertThat(answer.status()).as(id).isEqualTo(status);
      if (status == 403) {
        assertThat(answer.body()).as(id).isEmpty();
        assertThat(answer.head().all("Access-Control-Allow-Origin")).as(id).isEmpty();
      } else {
        assertThat(answer.head().all("Access-Control-Allow-Origin")).containsExactly(origin);
        assertThat(answer.head().all("Vary")).as(id).containsExactly("Origin");
      }
    }
  }

  @Test
  void browsersMayAskBefore(LocalCluster cluster) throws IOException {
    WireClient.Answer answer =
        cluster.api().send("OPTIONS", "/v2/apps", "", "Origin: " + LocalCluster.ORIGIN);

    assertPreflight("C3", answer, LocalCluster.ORIGIN);
  }

  @Test
  void noFunctionIsAskedInstead(LocalCluster cluster) throws IOException {
    LocalCluster.Fn fn = cluster.createFn();

    WireClient.Answer answer =
        fn.trigger("OPTIONS", "/tr", "", "Origin: " + LocalCluster.OTHER_ORIGIN);

    assertPreflight("C5", answer, LocalCluster.OTHER_ORIGIN);
    assertThat(cluster.driver().made(fn.image)).as("C5").isEmpty();
  }

  private static void assertPreflight(String id, WireClient.Answer answer, String origin) {
    assertThat(answer.status()).as(id).isEqualTo(200);
    assertThat(answer.body()).as(id).isEmpty();
    assertThat(answer.head().all("Access-Control-Allow-Origin")).as(id).containsExactly(origin);
    assertThat(answer.head().all("Access-Control-Allow-Methods"))
        .as(id)
        .containsExactly("GET,POST,PUT,HEAD,DELETE");
    assertThat(answer.head().all("Access-Control-Allow-Headers"))
        .as(id)
        .containsExactly("Origin,Content-Length,Content-Type");
    assertThat(answer.head().all("Access-Control-Max-Age")).as(id).containsExactly("43200");
    assertThat(answer.head().all("Vary"))
        .as(id)
        .containsExactly(
            "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers");
  }

  private static WireClient.Answer post(WireClient client, String target, String chunked)
      throws IOException {
    String head =
        "POST "
            + target
            + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n";
    return client.raw("POST", (head + chunked).getBytes(StandardCharsets.UTF_8));
  }

  private static WireClient client(LocalCluster cluster, String node) {
    return node.equals("api") ? cluster.api() : cluster.front();
  }
}
