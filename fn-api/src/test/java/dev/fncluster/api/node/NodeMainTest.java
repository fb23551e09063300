package dev.fncluster.api.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.settings.Setting;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NodeMainTest {
  private static final Setting<Integer> PORT =
      Setting.integer("FN_PORT", 8080, 0, 65_535, "The HTTP port.");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void showsHowToUseIt() {
    assertThat(execute(Map.of(), "--help")).isZero();
    assertThat(out.toString())
        .contains("Usage: fn-test", "--config=FILE", "--print-config", "--version");
  }

  @Test
  void showsTheVersionOfTheBuild() {
    assertThat(execute(Map.of(), "--version")).isZero();
    assertThat(out.toString()).matches("fn-test \\d+\\.\\d+\\.\\d+\\S*\\R");
  }

  @Test
  void wrongFlagsAreOneLine() {
    assertThat(execute(Map.of(), "--colour")).isEqualTo(2);
    assertThat(err.toString().lines()).singleElement().asString().contains("--colour", "--help");
  }

  @Test
  void showsTheSettings(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("c"), "FN_LOG_LEVEL=debug\nFN_PORT=1\n");
    int code = execute(Map.of("FN_PORT", "2"), "--print-config", "--config", file.toString());
    assertThat(code).isZero();
    assertThat(out.toString().lines())
        .contains("FN_PORT=2", "FN_LOG_LEVEL=debug", "# FN_SHUTDOWN_TIMEOUT=60s");
  }

  @Test
  void wrongSettingsAreOneLine() {
    assertThat(execute(Map.of("FN_LOG_DEST", "http://logs:514"))).isEqualTo(1);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith(
            "fn-test: FN_LOG_DEST is \"http://logs:514\"; expected stderr, file:///path, or a");
  }

  @Test
  void makesTokens() {
    int code =
        execute(
            Map.of(), "--make-token", "ci", "--token-scopes=read,invoke", "--token-apps", "B,A");

    assertThat(code).isZero();
    List<String> lines = out.toString().lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).matches("fnt_[A-Za-z0-9_-]{43}");
    assertThat(lines.get(1)).matches("ci sha256:[0-9a-f]{64} scopes=read,invoke apps=A,B");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--make-token=ci --token-scopes=root",
        "--make-token=ci --token-scopes=read --token-expires=tomorrow",
        "--make-token=c:i --token-scopes=read",
        "--make-token=ci",
        "--token-scopes=read"
      })
  void tokensThatCannotBeAreNotMade(String flags) {
    assertThat(execute(Map.of(), flags.split(" "))).isEqualTo(2);
    assertThat(err.toString().lines()).singleElement().asString().startsWith("fn-test: ");
    assertThat(out.toString()).isEmpty();
  }

  private int execute(Map<String, String> environment, String... args) {
    NodeFactory factory =
        context -> {
          throw new AssertionError("no node is to be made");
        };
    return new NodeMain(
            "fn-test",
            factory,
            List.of(PORT),
            settings -> "fn-test",
            environment,
            new PrintWriter(out, true),
            new PrintWriter(err, true))
        .execute(args);
  }
}
