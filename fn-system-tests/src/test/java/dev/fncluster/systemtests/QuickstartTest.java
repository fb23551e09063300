package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.testing.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code bin/quickstart} as a newcomer runs it, with ports and a folder of its own. */
@Tag("docker")
final class QuickstartTest {
  private static final List<String> PORTS =
      List.of(
          "API_PORT",
          "LB_PORT",
          "RUNNER_1_PORT",
          "RUNNER_2_PORT",
          "RUNNER_1_GRPC_PORT",
          "RUNNER_2_GRPC_PORT");

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Map<String, String> environment = new HashMap<>();
  private Path folder = Path.of("");

  @BeforeEach
  void choosePortsAndFolder() throws IOException {
    folder = Files.createTempDirectory("fn-qs");
    environment.put("FN_STATE_DIR", folder.toString());
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    PORTS.forEach(
        port -> environment.put("FN_QUICKSTART_" + port, Integer.toString(FreePorts.next())));
  }

  @AfterEach
  void stopAndTidyUp() throws IOException {
    quickstart("stop");
    Folders.delete(folder);
  }

  @Test
  void startsTellsRunsAgainAndStops() throws Exception {
    Commands.Result started = quickstart();
    assertThat(started.exitStatus()).as(started.output()).isZero();
    assertThat(started.output())
        .contains("java answered: Hello", "\"message\":\"Hello Fn Cluster\"", "curl ");
    Map<String, String> variables = variables();
    assertThat(variables)
        .containsKeys(
            "API_URL",
            "LB_URL",
            "RUNNER_URLS",
            "INVOKE_URL",
            "NODE_INVOKE_URL",
            "FN_ID",
            "NODE_FN_ID");

    HttpResponse<String> first = post(variables, "INVOKE_URL");
    HttpResponse<String> second = post(variables, "INVOKE_URL");
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(FnClient.header(first, "Fn-Call-Id")).isNotEmpty();
    assertThat(FnClient.instance(second)).isEqualTo(FnClient.instance(first));
    assertThat(post(variables, "NODE_INVOKE_URL").statusCode()).isEqualTo(200);

    Commands.Result status = quickstart("status");
    assertThat(status.exitStatus()).as(status.output()).isZero();
    assertThat(status.output()).contains("api", "lb", "runner-1", "runner-2", "ready");

    Commands.Result again = quickstart();
    assertThat(again.exitStatus()).as(again.output()).isZero();
    assertThat(again.output()).contains("already running");
    assertThat(variables()).isEqualTo(variables);

    Commands.Result stopped = quickstart("stop");
    assertThat(stopped.exitStatus()).as(stopped.output()).isZero();
    assertThat(stopped.output()).doesNotContain("killed", "that were left");
    Commands.Result statusAfter = quickstart("status");
    assertThat(statusAfter.exitStatus()).isEqualTo(3);
    assertThat(statusAfter.output()).containsPattern("containers +0");
    assertThat(folder.resolve("quickstart.env")).doesNotExist();
  }

  @Test
  void saysInOneLineWhichPortIsTaken() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      environment.put("FN_QUICKSTART_LB_PORT", Integer.toString(taken.getLocalPort()));

      Commands.Result result = quickstart();

      assertThat(result.exitStatus()).isEqualTo(1);
      assertThat(result.output().strip().lines())
          .singleElement()
          .asString()
          .contains(Integer.toString(taken.getLocalPort()), "FN_QUICKSTART_LB_PORT");
    }
  }

  private Commands.Result quickstart(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Repository.root().resolve("bin/quickstart").toString());
    command.addAll(List.of(arguments));
    return Commands.run(Duration.ofMinutes(8), Repository.root(), environment, command);
  }

  private Map<String, String> variables() throws IOException {
    Map<String, String> variables = new HashMap<>();
    for (String line : Files.readAllLines(folder.resolve("quickstart.env"))) {
      String[] parts = line.split("=", 2);
      variables.put(parts[0], parts[1]);
    }
    return variables;
  }

  private HttpResponse<String> post(Map<String, String> variables, String variable)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(variables.getOrDefault(variable, "")))
            .timeout(Duration.ofMinutes(1))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
