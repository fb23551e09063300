package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.settings.Settings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HttpServerSettingsTest {
  @Test
  void defaults() {
    assertThat(HttpServerSettings.from(Settings.of(Map.of())))
        .isEqualTo(
            new HttpServerSettings(
                0,
                1 << 20,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                50_000,
                List.of(),
                List.of("Origin", "Content-Length", "Content-Type"),
                4 << 20,
                256));
  }

  @Test
  void everyVariableIsRead() {
    Map<String, String> environment = new HashMap<>();
    environment.put("FN_MAX_REQUEST_SIZE", "-1");
    environment.put("FN_MAX_REQUEST_HEADER_SIZE", "2048");
    environment.put("FN_REQUEST_HEADER_READ_TIMEOUT", "1");
    environment.put("FN_REQUEST_BODY_READ_TIMEOUT", "2m5s");
    environment.put("FN_RESPONSE_WRITE_TIMEOUT", "3s");
    environment.put("FN_HTTP_IDLE_TIMEOUT", "4");
    environment.put("FN_HTTP_MAX_CONNECTIONS", "7");
    environment.put("FN_API_CORS_ORIGINS", " http://a , http://b");
    environment.put("FN_API_CORS_HEADERS", "A,B");
    environment.put("FN_MAX_API_REQUEST_SIZE", "4096");
    environment.put("FN_MAX_API_REQUESTS", "5");
    assertThat(HttpServerSettings.all())
        .extracting(setting -> setting.name())
        .containsExactlyInAnyOrderElementsOf(environment.keySet());
    assertThat(HttpServerSettings.from(Settings.of(environment)))
        .isEqualTo(
            new HttpServerSettings(
                -1,
                2048,
                Duration.ofSeconds(1),
                Duration.ofSeconds(125),
                Duration.ofSeconds(3),
                Duration.ofSeconds(4),
                7,
                List.of("http://a", "http://b"),
                List.of("A", "B"),
                4096,
                5));
  }
}
