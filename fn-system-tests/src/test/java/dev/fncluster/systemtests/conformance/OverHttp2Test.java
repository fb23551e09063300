package dev.fncluster.systemtests.conformance;

import static dev.fncluster.systemtests.conformance.ScriptedFunction.reply;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What holds over HTTP/1 holds over HTTP/2: functions don't know what their callers speak. */
@Timeout(180)
@ExtendWith(LocalClusterExtension.class)
final class OverHttp2Test {
  private static String curl(LocalCluster cluster, String target, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("curl", "-s", "-i", "--http2-prior-knowledge", "-m", "90"));
    command.addAll(List.of(arguments));
    command.add("http://localhost:" + cluster.front().port() + target);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
      return out.replace("\r", "");
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void functionsGetTheSameRequest(LocalCluster cluster) throws Exception {
    LocalCluster.Fn fn = cluster.createFn();

    String answer =
        curl(cluster, "/invoke/" + fn.id, "--data", "some", "-H", "x-foo: 1", "-H", "X-FOO: 2");

    assertThat(answer).startsWith("HTTP/2 200 \n").endsWith("\n\nsome");
    Wire.Head head = fn.seen().head();
    assertThat(head.firstLine()).isEqualTo("POST /call HTTP/1.1");
    assertThat(head.all("Host")).containsExactly("localhost");
    assertThat(head.all("Transfer-Encoding")).containsExactly("chunked");
    assertThat(head.all("X-Foo")).containsExactly("1", "2");
    assertThat(head.names()).contains("X-Foo").noneMatch(name -> name.startsWith(":"));
    assertThat(answer).contains("fn-call-id: " + head.first("Fn-Call-Id"));
  }

  @Test
  void triggersAreWrappedAndUnwrapped(LocalCluster cluster) throws Exception {
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
                    "Fn-Http-H-Connection: close",
                    "X-Raw: 1"));
    String target = "/t/" + fn.appName + "/tr?q=1&r=%20x";

    String answer = curl(cluster, target, "-X", "PUT", "--data", "some", "-H", "te: trailers");

    assertThat(answer)
        .startsWith("HTTP/2 418 \n")
        .contains("zed: 1\n", "zed: 2\n", "content-length: 6\n")
        .doesNotContain("x-raw", "connection")
        .endsWith("\n\nteapot");
    Wire.Head head = fn.seen().head();
    assertThat(head.all("Fn-Http-Method")).containsExactly("PUT");
    assertThat(head.all("Fn-Http-Request-Url"))
        .containsExactly("http://localhost:" + cluster.front().port() + target);
    assertThat(head.all("Fn-Http-H-Te")).containsExactly("trailers");
    assertThat(head.all("Fn-Http-H-Content-Length")).containsExactly("4");
    assertThat(head.all("Fn-Intent")).containsExactly("httprequest");
  }

  @Test
  void errorsHaveTheSameForm(LocalCluster cluster) throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    fn.answers(seen -> reply(200, "x".repeat(LocalCluster.MAX_RESPONSE + 1), "X-Leak: 1"));

    assertThat(curl(cluster, "/invoke/" + fn.id, "--data", "x"))
        .startsWith("HTTP/2 502 \n")
        .contains("content-type: application/json; charset=utf-8\n", "fn-call-id: ")
        .doesNotContain("x-leak")
        .endsWith("{\"message\":\"function response body too large\"}\n");
    assertThat(curl(cluster, "/invoke/nobody", "--data", "x"))
        .startsWith("HTTP/2 404 \n")
        .endsWith("{\"message\":\"Fn not found\"}\n");
    assertThat(curl(cluster, "/nope"))
        .startsWith("HTTP/2 404 \n")
        .endsWith("{\"message\":\"Path not found: GET /nope\"}\n");
    assertThat(curl(cluster, "/", "-H", "Origin: http://bad.com")).startsWith("HTTP/2 403 \n");
  }
}
