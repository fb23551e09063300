package dev.fncluster.api.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.node.NodeSettings;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

final class KnownSettingsTest {
  private static final Setting<Integer> PORT =
      Setting.integer("FN_PORT", 8080, 0, 65_535, "The HTTP port.");
  private static final Setting<String> DATABASE =
      Setting.text("FN_DB_URL", "sqlite3://fn.db", "The store.").secret();
  private static final Setting<String> HOST = Setting.text("DOCKER_HOST", "", "The engine | here.");

  private final KnownSettings known = KnownSettings.of(List.of(PORT, DATABASE, HOST, PORT));

  @Test
  void namesThatNothingReadsAreWarnedAboutWithTheNearestOne() {
    Settings settings =
        Settings.of(
            Map.of(
                "FN_PROT",
                "s3cret",
                "FN_DB_URL_FILE",
                "/x",
                "FN_SOMETHING_ELSE",
                "1",
                "PATH",
                "/"));
    assertThat(known.warnings(settings))
        .containsExactly(
            "FN_PROT is set, but there is no such setting; did you mean FN_PORT?",
            "FN_SOMETHING_ELSE is set, but there is no such setting");
  }

  @Test
  void showsWhatHoldsAndNoSecrets() throws IOException {
    String text =
        known.print(Settings.of(Map.of("FN_DB_URL", "p:secret@h", "DOCKER_HOST", "a\\b\nc")));
    assertThat(text).contains("# FN_PORT=8080\n", "FN_DB_URL=***\n").doesNotContain("secret");
    Properties readBack = new Properties();
    readBack.load(new StringReader(text));
    assertThat(readBack).containsEntry("DOCKER_HOST", "a\\b\nc").doesNotContainKey("FN_PORT");
  }

  @Test
  void blanksAtTheBeginningAreReadBack() throws IOException {
    Properties readBack = new Properties();
    readBack.load(
        new StringReader(known.print(Settings.of(Map.of("DOCKER_HOST", "\t a ", "FN_PORT", "1")))));
    assertThat(readBack).containsEntry("DOCKER_HOST", "\t a ").containsEntry("FN_PORT", "1");
  }

  @Test
  void doesNotShowWhatIsWrong() {
    assertThatThrownBy(() -> known.print(Settings.of(Map.of("FN_PORT", "high"))))
        .isInstanceOf(SettingException.class)
        .hasMessage("FN_PORT is \"high\"; expected a whole number from 0 to 65535");
  }

  @Test
  void everySettingHasOneNameAndHelp() {
    Setting<String> other = Setting.text("FN_PORT", "", "Another.");
    assertThatThrownBy(() -> KnownSettings.of(List.of(PORT, other)))
        .hasMessageContaining("two settings named FN_PORT");
    assertThatThrownBy(() -> KnownSettings.of(List.of(Setting.text("FN_X", "", " "))))
        .hasMessageContaining("FN_X has no help");
    assertThat(KnownSettings.of(NodeSettings.all()).all())
        .extracting(Setting::name)
        .contains("FN_SHUTDOWN_TIMEOUT", "FN_METRICS_NAMES", "FN_LOG_LEVEL");
  }

  @Test
  void theDocumentListsThemByComponent() {
    String page =
        SettingsDocument.of(
                List.of(
                    new SettingsDocument.Section("Front end", List.of(PORT)),
                    new SettingsDocument.Section("Runner", List.of(HOST, DATABASE))))
            .markdown();
    assertThat(page)
        .contains(
            "## Front end\n",
            "| `FN_PORT` | `8080` | a whole number from 0 to 65535 | The HTTP port. |\n",
            "| `DOCKER_HOST` | – | a text | The engine \\| here. |\n",
            "| `FN_DB_URL` | `sqlite3://fn.db` | a text | The store. Never shown. |\n")
        .endsWith("|\n");
    assertThat(page.indexOf("DOCKER_HOST")).isLessThan(page.indexOf("`FN_DB_URL`"));
  }
}
