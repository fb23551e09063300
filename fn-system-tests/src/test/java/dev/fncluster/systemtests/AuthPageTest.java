package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All commands of {@code docs/auth.md}, as somebody would type them: an API node, a load balancer
 * and a runner that all ask for tokens.
 */
@Tag("docker")
final class AuthPageTest {
  private static final List<String> PORTS =
      List.of("API_PORT", "LB_PORT", "RUNNER_PORT", "GRPC_PORT", "ADMIN_PORT");

  @TempDir private Path folder;

  @Test
  void everyCommandWorks() {
    Map<String, String> ports = DocumentPage.freePorts(PORTS);
    assertThat(DocumentPage.run("auth.md", folder, Duration.ofMinutes(5), ports))
        .contains(
            "former-admin sha256:",
            "called with a token",
            "triggered with a token",
            "{\"message\":\"Invalid token\"}",
            "{\"message\":\"Token has expired\"}",
            "{\"message\":\"Token is not for this app\"}");
    // The page ends what it has started.
    ports.forEach((name, port) ->
        assertThatThrownBy(() -> new Socket("127.0.0.1", Integer.parseInt(port)).close())
            .as(name)
            .isInstanceOf(ConnectException.class));
  }
}
