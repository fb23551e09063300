package dev.fncluster.api.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  private static final Setting<Integer> PORT = Setting.integer("FN_PORT", 8080, 0, 65535, "Port.");
  private static final Setting<Boolean> FLAG = Setting.bool("FN_FLAG", false, "Flag.");
  private static final Setting<Duration> WAIT = Setting.duration("FN_WAIT", Duration.ZERO, "Wait.");
  private static final Setting<Duration> MSECS =
      Setting.millis("FN_MSECS", Duration.ofMillis(50), "Milliseconds.");

  @Test
  void absentIsTheDefault() {
    assertThat(Settings.of(Map.of()).get(PORT)).isEqualTo(8080);
  }

  @Test
  void readsFromAFileWhenTheVariableIsAbsent(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("port"), "81\n");
    Map<String, String> both = Map.of("FN_PORT_FILE", file.toString(), "FN_PORT", "82");
    assertThat(Settings.of(Map.of("FN_PORT_FILE", file.toString())).get(PORT)).isEqualTo(81);
    assertThat(Settings.of(both).get(PORT)).isEqualTo(82);
  }

  @Test
  void unreadableFileIsNamed() {
    assertThatThrownBy(() -> Settings.of(Map.of("FN_PORT_FILE", "/no/such")).get(PORT))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_PORT_FILE")
        .hasMessageContaining("/no/such");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-1", "65536", "1.5"})
  void wrongNumberSaysWhatIsAllowed(String text) {
    assertThatThrownBy(() -> Settings.of(Map.of("FN_PORT", text)).get(PORT))
        .isInstanceOf(SettingException.class)
        .hasMessage("FN_PORT is \"" + text + "\"; expected a whole number from 0 to 65535");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yes", "TrUe"})
  void wrongTruthValue(String text) {
    assertThatThrownBy(() -> Settings.of(Map.of("FN_FLAG", text)).get(FLAG))
        .isInstanceOf(SettingException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "2m5s,125000",
    "90,90000",
    "1h,3600000",
    "250ms,250",
    "1m30s,90000",
    "0,0",
    "0s,0",
    "1.5s,1500",
    ".5h,1800000",
    "1m.25s,60250",
    "30s1m,90000",
    "9000000000,9000000000000",
    "2000us,2",
    "3000000ns,3"
  })
  void durations(String text, long millis) {
    assertThat(Settings.of(Map.of("FN_WAIT", text)).get(WAIT)).hasMillis(millis);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "s", "-5s", "5x", "5 s", "1m 30s", "5s!", ".s", "9999999999h", "9300000000"})
  void wrongDurations(String text) {
    assertThatThrownBy(() -> Settings.of(Map.of("FN_WAIT", text)).get(WAIT))
        .isInstanceOf(SettingException.class);
  }

  @ParameterizedTest
  @CsvSource({"'',7", "' ',7", "0,0"})
  void someNumbersMayBeEmpty(String text, long value) {
    Setting<Long> most = Setting.number("FN_MOST", 7, 0, "Most.").emptyIsDefault();
    assertThat(Settings.of(Map.of("FN_MOST", text)).get(most)).isEqualTo(value);
    assertThat(most.allowed()).isEqualTo("a whole number of at least 0, or empty");
  }

  @Test
  void negativeMillisecondsMeanNoLimit() {
    assertThat(Settings.of(Map.of("FN_MSECS", "-1")).get(MSECS)).isEqualTo(Setting.UNLIMITED);
    assertThat(Settings.of(Map.of("FN_MSECS", "0")).get(MSECS)).isZero();
  }

  @Test
  void listsDropBlanksAndEmptyItems() {
    Setting<List<String>> list = Setting.list("FN_LIST", ",", "List.");
    assertThat(Settings.of(Map.of("FN_LIST", " a, b,,c ")).get(list))
        .containsExactly("a", "b", "c");
  }

  @Test
  void secretIsNotInTheError() {
    Setting<Integer> secret = PORT.secret();
    assertThatThrownBy(() -> Settings.of(Map.of("FN_PORT", "hunter2")).get(secret))
        .hasMessageNotContaining("hunter2");
  }
}
