package dev.fncluster.runnerpool.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runnerpool.RunnerAddress;
import dev.fncluster.runnerpool.grpc.ConnectionRules;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunnerPoolSettingsTest {
  @Test
  void readsAddressesInTheirOrderOnce() {
    assertThat(read(" runner-1:9190, [::1]:9191,10.0.0.1:80,runner-1:9190").where())
        .isEqualTo(
            new RunnerPoolSettings.Fixed(
                List.of(
                    new RunnerAddress("runner-1", 9190),
                    new RunnerAddress("::1", 9191),
                    new RunnerAddress("10.0.0.1", 80))));
  }

  @Test
  void addressIsShownAsItIsWritten() {
    assertThat(List.of(new RunnerAddress("::1", 1), new RunnerAddress("a", 2)))
        .extracting(RunnerAddress::toString)
        .containsExactly("[::1]:1", "a:2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " , "})
  void nothingIsRefusedWithTheKnownText(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(SettingException.class)
        .hasMessage("must provide FN_RUNNER_ADDRESSES  when running in default load-balanced mode");
    assertThatThrownBy(() -> RunnerPoolSettings.from(Settings.of(Map.of())))
        .hasMessage("must provide FN_RUNNER_ADDRESSES  when running in default load-balanced mode");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host",
        "host:",
        ":1",
        "host:0",
        "host:65536",
        "::1:9190",
        "http://a:1",
        "fn_runner_1:9190"
      })
  void wrongAddressIsNamed(String text) {
    assertThatThrownBy(() -> read("good:1," + text))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_RUNNER_ADDRESSES")
        .hasMessageContaining("\"" + text + "\"")
        .hasMessageContaining("host:port");
  }

  @Test
  void tlsNeedsAllThreeFiles() {
    Map<String, String> all =
        Map.of(
            "FN_RUNNER_TLS_CERT_PATH", "/c",
            "FN_RUNNER_TLS_KEY_PATH", "/k",
            "FN_RUNNER_TLS_CA_PATH", "/a");
    for (String missing : all.keySet()) {
      Map<String, String> some = new HashMap<>(all);
      some.put("FN_RUNNER_ADDRESSES", "a:1");
      some.remove(missing);
      assertThatThrownBy(() -> RunnerPoolSettings.from(Settings.of(some)))
          .isInstanceOf(SettingException.class)
          .hasMessageContaining(missing + " is missing");
    }
    assertThatThrownBy(() ->
            RunnerPoolSettings.from(
                Settings.of(
                    Map.of("FN_RUNNER_ADDRESSES", "a:1", "FN_RUNNER_TLS_ALLOWED_NAMES", "runner"))))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_RUNNER_TLS_ALLOWED_NAMES");
    assertThat(read("a:1").tls()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FN_RUNNER_POOL=dns | FN_RUNNER_DNS_NAME is missing",
        "FN_RUNNER_POOL=file | FN_RUNNER_LIST_PATH is missing",
        "FN_RUNNER_ADDRESSES=a:1;FN_RUNNER_DNS_NAME=n | FN_RUNNER_DNS_NAME is set, but",
        "FN_RUNNER_ADDRESSES=a:1;FN_RUNNER_LIST_PATH=/l | FN_RUNNER_LIST_PATH is set, but",
        "FN_RUNNER_POOL=dns;FN_RUNNER_DNS_NAME=n;FN_RUNNER_ADDRESSES=a:1 | ADDRESSES is set, but",
        "FN_RUNNER_POOL=dns;FN_RUNNER_DNS_NAME=n;FN_RUNNER_DNS_SERVERS=ns:53 | name server",
        "FN_RUNNER_POOL=dns;FN_RUNNER_DNS_NAME=n;FN_RUNNER_DNS_MAX_INTERVAL=1s | shorter than",
        "FN_RUNNER_POOL=dns;FN_RUNNER_DNS_NAME=n;FN_RUNNER_DNS_MIN_INTERVAL=0 | longer time",
        "FN_RUNNER_ADDRESSES=a:1;FN_RUNNER_PROBE_TIMEOUT=0 | longer time",
        "FN_RUNNER_ADDRESSES=a:1;FN_RUNNER_KEEPALIVE_INTERVAL=9s | at least 10s, or 0",
        "FN_RUNNER_ADDRESSES=a:1;FN_RUNNER_KEEPALIVE_TIMEOUT=0 | longer time",
      })
  void whatDoesNotFitTogetherIsNamed(String settings, String message) {
    Map<String, String> values = new HashMap<>();
    for (String each : settings.split(";")) {
      String[] pair = each.split("=");
      values.put(pair[0], pair[1]);
    }
    assertThatThrownBy(() -> RunnerPoolSettings.from(Settings.of(values)))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining(message);
  }

  @Test
  void pingsCanBeDoneWithout() {
    assertThat(read("a:1").connections()).isEqualTo(ConnectionRules.defaults());
    RunnerPoolSettings without =
        RunnerPoolSettings.from(
            Settings.of(Map.of("FN_RUNNER_ADDRESSES", "a:1", "FN_RUNNER_KEEPALIVE_INTERVAL", "0")));
    assertThat(without.connections().pings()).isFalse();
  }

  private static RunnerPoolSettings read(String text) {
    return RunnerPoolSettings.from(Settings.of(Map.of("FN_RUNNER_ADDRESSES", text)));
  }
}
