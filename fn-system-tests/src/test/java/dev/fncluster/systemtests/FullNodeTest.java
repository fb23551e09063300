package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One process that is everything. */
@Tag("docker")
final class FullNodeTest {
  @Test
  void managesAndRunsFunctionsAndLeavesNoContainer() throws IOException {
    try (FullNode node = FullNode.start("full", Map.of())) {
      FnClient client = node.client();
      FnClient.CreatedFn fn = client.createEcho();
      client.createTrigger(fn, "/echo");

      HttpResponse<String> first = client.invoke(fn, "one");
      HttpResponse<String> second = client.invoke(fn, "two");
      HttpResponse<String> third =
          client.request(
              "POST",
              "/t/" + fn.appName() + "/echo",
              "three",
              Map.of("Content-Type", "text/plain"));

      assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
      assertThat(first.body()).isEqualTo("one");
      assertThat(second.body()).isEqualTo("two");
      assertThat(third.body()).isEqualTo("three");
      assertThat(FnClient.instance(second)).isEqualTo(FnClient.instance(first));
      assertThat(FnClient.instance(third)).isEqualTo(FnClient.instance(first));
      assertThat(FnClient.header(third, "Function-Calls")).isEqualTo("3");
      assertThat(Containers.ofFunctions(node.labelTag())).hasSize(1);
      assertThat(client.request("POST", "/invoke/no-such-fn", "", Map.of()).statusCode())
          .isEqualTo(404);
      assertThat(client.get(node.process(), "/version").statusCode()).isEqualTo(200);
      assertThat(client.get(node.process(), "/metrics").statusCode()).isEqualTo(200);
    }
  }
}
