package dev.fncluster.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.node.NodeSettings;
import dev.fncluster.api.settings.KnownSettings;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong by itself is refused by {@code --print-config} too, not only by a start. */
final class WrongSettingsTest {
  private static final KnownSettings KNOWN = known();

  private static KnownSettings known() {
    List<Setting<?>> all = new ArrayList<>(ServerMain.settings());
    all.addAll(NodeSettings.all());
    return KnownSettings.of(all);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FN_METRICS_CALL_TAGS|fn_id,image_name",
        "FN_METRICS_CONTAINER_TAGS|fn_name",
        "FN_METRICS_SAMPLE_TAGS|app_name",
        "FN_AUTH_JWT_ALGORITHMS|HS256",
        "FN_AUTH_JWKS_URL|http://keys",
        "FN_LOG_DEST|udp://logs:0",
        "FN_OTLP_ENDPOINT|collector",
        "FN_OTLP_ENDPOINT|http://collector:99999",
        "FN_PROCESS_COLLECTOR_LIST|fn",
        "FN_PUBLIC_LB_URL|lb",
        "FN_RUNNER_API_URL|http://api,ftp://api",
        "FN_RUNNER_API_URL|http://api:99999",
        "FN_RUNNER_ADDRESSES|runner-1",
        "FN_TRUSTED_PROXIES|proxy",
        "FN_API_CORS_ORIGINS|example.org",
        "FN_EXTENSION_TIMEOUT|999us",
        "FN_EXTENSION_START_TIMEOUT|0",
        "FN_CONTAINER_DRIVER_TIMEOUT|0",
        "FN_SHUTDOWN_TIMEOUT|9999999999"
      })
  void isRefused(String name, String value) {
    assertThatThrownBy(() -> KNOWN.print(Settings.of(Map.of(name, value))))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(name + " ");
  }

  @Test
  void nothingIsWrongWithDefaults() {
    for (Setting<?> each : KNOWN.all()) {
      if (!each.defaultText().isEmpty()) {
        Settings settings = Settings.of(Map.of(each.name(), each.defaultText()));
        assertThat(settings.get(each)).as(each.name()).isEqualTo(each.defaultValue());
      }
    }
  }
}
