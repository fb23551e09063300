package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All commands of {@code docs/auth.md}, as somebody would type them: an API node, a load balancer
 * and a runner that all ask for tokens.
 */
@Tag("docker")
final class AuthPageTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\n(.*?)^```$");
  private static final List<String> PORTS =
      List.of("API_PORT", "LB_PORT", "RUNNER_PORT", "GRPC_PORT", "ADMIN_PORT");

  // Ends what the page has started, if it did not come to its end.
  private static final String BEGIN =
      """
      set -euo pipefail
      end() {
        local status="$?" left
        left="$(jobs -p)"
        if [[ "$status" != 0 && -d "${DIR:-}" ]]; then
          tail -n 20 "$DIR"/*.log
        fi
        if [[ -n "$left" ]]; then
          kill $left || true
          wait || true
        fi
        exit "$status"
      }
      trap end EXIT
      """;

  @TempDir private Path folder;

  @Test
  void everyCommandWorks() throws IOException {
    String page = Files.readString(Repository.root().resolve("docs/auth.md"));
    String commands =
        BLOCK.matcher(page).results().map(block -> block.group(1)).collect(Collectors.joining());
    Path script = Files.writeString(folder.resolve("page.sh"), BEGIN + commands);
    Map<String, String> environment = new HashMap<>();
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    PORTS.forEach(port -> environment.put(port, Integer.toString(NodeProcess.freePort())));

    Commands.Result result =
        Commands.run(
            Duration.ofMinutes(5),
            Repository.root(),
            environment,
            List.of("bash", script.toString()));

    assertThat(result.exitStatus()).as(result.output()).isZero();
    assertThat(result.output())
        .contains(
            "former-admin sha256:",
            "called with a token",
            "triggered with a token",
            "{\"message\":\"Invalid token\"}",
            "{\"message\":\"Token has expired\"}",
            "{\"message\":\"Token is not for this app\"}");
    // The page ends what it has started.
    for (String port : PORTS) {
      assertThatThrownBy(
              () -> new Socket("127.0.0.1", Integer.parseInt(environment.get(port))).close())
          .as(port)
          .isInstanceOf(ConnectException.class);
    }
  }
}
