package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Calls that come by an HTTP trigger. */
@Tag("docker")
@ExtendWith(ClusterExtension.class)
final class TriggerTest {
  @Test
  void callsTheTriggersFunction(Cluster cluster) {
    FnClient.CreatedFn fn = cluster.client().createEcho();
    cluster.client().createTrigger(fn, "/greet");

    HttpResponse<String> response =
        cluster
            .client()
            .request(
                "POST",
                "/t/" + fn.appName() + "/greet?q=1",
                "Hello",
                Map.of("Content-Type", "text/greeting"));

    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("Hello");
    assertThat(FnClient.header(response, "Content-Type")).isEqualTo("text/greeting");
    assertThat(FnClient.header(response, "Fn-Call-Id")).isNotEmpty();
    assertThat(FnClient.header(response, "Function-Instance")).isNotEmpty();
    assertThat(response.headers().firstValue("Fn-Fdk-Version")).isEmpty();
  }

  @Test
  void wrapsTheRequestAndUnwrapsTheAnswer(Cluster cluster) {
    FnClient.CreatedFn fn = cluster.client().createKnobs(body -> {});
    cluster.client().createTrigger(fn, "/knobs");
    String path = "/t/" + fn.appName() + "/knobs?q=1";

    HttpResponse<String> response =
        cluster
            .client()
            .request(
                "PUT",
                path,
                "{\"responseCode\":202,\"returnHeaders\":{\"Return-Header\":[\"foo\",\"bar\"]}}",
                Map.of("Content-Type", "application/json", "Test-Header", "foo"));

    assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
    assertThat(response.headers().allValues("Return-Header")).containsExactly("foo", "bar");
    var headers = FnClient.json(response).get("header");
    assertThat(headers.at("/Fn-Intent/0").asText()).isEqualTo("httprequest");
    assertThat(headers.at("/Fn-Http-Method/0").asText()).isEqualTo("PUT");
    assertThat(headers.at("/Fn-Http-Request-Url/0").asText())
        .isEqualTo(cluster.loadBalancer().uri(path).toString());
    assertThat(headers.at("/Fn-Http-H-Test-Header/0").asText()).isEqualTo("foo");
    assertThat(headers.at("/Content-Type/0").asText()).isEqualTo("application/json");
  }
}
