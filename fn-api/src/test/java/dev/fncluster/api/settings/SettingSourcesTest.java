package dev.fncluster.api.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SettingSourcesTest {
  private static final Setting<Integer> PORT =
      Setting.integer("FN_PORT", 8080, 0, 65_535, "The HTTP port.");
  private static final Setting<String> DATABASE = Setting.text("FN_DB_URL", "", "The store.");

  @TempDir private Path folder;

  @Test
  void theEnvironmentOverridesTheFile() throws IOException {
    Path file = write("node.properties", "FN_PORT = 9000\nFN_DB_URL=postgres://h/ü\n");
    Settings settings = SettingSources.load(Optional.of(file), Map.of("FN_PORT", "9001"));
    assertThat(settings.get(PORT)).isEqualTo(9001);
    assertThat(settings.get(DATABASE)).isEqualTo("postgres://h/ü");
    assertThat(SettingSources.load(Optional.empty(), Map.of()).get(PORT)).isEqualTo(8080);
  }

  @Test
  void aFileInTheEnvironmentOverridesAValueInTheFile() throws IOException {
    Path file = write("node.properties", "FN_PORT=9000\n");
    Path secret = write("port", "9002\n");
    Settings settings =
        SettingSources.load(Optional.of(file), Map.of("FN_PORT_FILE", secret.toString()));
    assertThat(settings.get(PORT)).isEqualTo(9002);
  }

  @Test
  void aFileThatCannotBeReadIsTold() {
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> SettingSources.load(Optional.of(missing), Map.of()))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining(missing.toString());
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }
}
