package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Calls that go well. */
@Tag("docker")
@ExtendWith(ClusterExtension.class)
final class InvocationTest {
  @Test
  void answersWithTheFunctionsBodyAndACallId(Cluster cluster) {
    HttpResponse<String> response = cluster.client().invoke(cluster.client().createEcho(), "Hello");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("Hello");
    assertThat(FnClient.header(response, "Fn-Call-Id")).hasSize(26);
  }

  @Test
  void givesEveryCallAnIdOfItsOwn(Cluster cluster) {
    FnClient.CreatedFn fn = cluster.client().createEcho();

    String first = FnClient.header(cluster.client().invoke(fn, "1"), "Fn-Call-Id");
    String second = FnClient.header(cluster.client().invoke(fn, "2"), "Fn-Call-Id");

    assertThat(first).isNotEqualTo(second);
  }

  /** Two runners have one container each at most when the calls come one after the other. */
  @Test
  void usesAContainerAgain(Cluster cluster) {
    FnClient.CreatedFn fn = cluster.client().createEcho();
    Set<String> instances = new HashSet<>();

    for (int i = 0; i < 6; i++) {
      HttpResponse<String> response = cluster.client().invoke(fn, "again");
      assertThat(response.statusCode()).isEqualTo(200);
      instances.add(FnClient.instance(response));
    }

    assertThat(instances).hasSizeLessThanOrEqualTo(cluster.runners().size());
  }

  @Test
  void carriesTwentyCallsAtOnce(Cluster cluster) {
    FnClient.CreatedFn fn = cluster.client().createEcho();

    List<CompletableFuture<HttpResponse<String>>> calls =
        IntStream.range(0, 20)
            .mapToObj(i -> cluster.client().invokeAsync(fn, "call " + i))
            .toList();

    for (int i = 0; i < calls.size(); i++) {
      HttpResponse<String> response = calls.get(i).join();
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(response.body()).isEqualTo("call " + i);
    }
  }

  @Test
  void handsOverConfigAndHeaders(Cluster cluster) {
    FnClient.CreatedFn fn =
        cluster
            .client()
            .createKnobs(body -> body.withObject("/config").put("GREETING", "good morning"));

    HttpResponse<String> response =
        cluster
            .client()
            .request(
                "POST",
                "/invoke/" + fn.id(),
                "{\"echoContent\":\"HelloWorld\",\"returnHeaders\":{\"Return-Header\":[\"foo\",\"bar\"]}}",
                Map.of("Content-Type", "application/json", "Test-Header", "foo"));

    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().allValues("Return-Header")).containsExactly("foo", "bar");
    var answer = FnClient.json(response);
    assertThat(answer.at("/request/echoContent").asText()).isEqualTo("HelloWorld");
    assertThat(answer.at("/config/GREETING").asText()).isEqualTo("good morning");
    assertThat(answer.at("/config/FN_FN_ID").asText()).isEqualTo(fn.id());
    assertThat(answer.at("/config/FN_APP_ID").asText()).isEqualTo(fn.appId());
    assertThat(answer.at("/config/FN_MEMORY").asText()).isEqualTo("128");
    assertThat(answer.at("/config/FN_TYPE").asText()).isEqualTo("sync");
    assertThat(answer.at("/config/FN_FORMAT").asText()).isEqualTo("http-stream");
    assertThat(answer.at("/header/Test-Header/0").asText()).isEqualTo("foo");
    assertThat(answer.at("/header/Fn-Call-Id/0").asText())
        .isEqualTo(FnClient.header(response, "Fn-Call-Id"));
    assertThat(answer.at("/header/Fn-Deadline/0").asText()).endsWith("Z");
  }

  @Test
  void answersWithoutABody(Cluster cluster) {
    FnClient.CreatedFn fn = cluster.client().createKnobs(body -> {});

    for (int i = 0; i < 2; i++) {
      HttpResponse<String> response = cluster.client().invoke(fn, "{\"isEmptyBody\":true}");
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEmpty();
    }
  }

  @Test
  void runsTheOfficialNodeFdk(Cluster cluster) {
    FnClient.CreatedFn fn = cluster.client().createFn(Repository.NODE_IMAGE, body -> {});

    HttpResponse<String> response = cluster.client().invoke(fn, "{\"name\":\"Ada\"}");

    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(FnClient.json(response).get("message").asText()).isEqualTo("Hello Ada");
    assertThat(FnClient.header(response, "Fn-Fdk-Version")).startsWith("fdk-node/");
  }
}
