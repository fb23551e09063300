package dev.fncluster.api.http;

import static dev.fncluster.api.http.RawClient.get;
import static dev.fncluster.api.http.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.settings.SettingException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pages of other origins: who may read answers. */
final class HttpServerOriginsTest {
  @RegisterExtension final HttpServerRig rig = new HttpServerRig(SamplePages::add);

  @Test
  void sharesWithAllowedOriginsOnly() throws IOException {
    Map<String, String> cors = Map.of("FN_API_CORS_ORIGINS", "http://ok.com, http://two.com");
    try (RawClient client = rig.connect(cors)) {
      RawClient.Answer missing = client.send(get("/nope", "Origin: http://ok.com")).read();
      assertThat(missing.status()).isEqualTo(404);
      assertThat(missing.header("Access-Control-Allow-Origin")).isEqualTo("http://ok.com");
      assertThat(missing.all("Vary")).containsExactly("Origin");
      RawClient.Answer bad = client.send(get("/", "Origin: http://bad.com")).read();
      assertThat(bad.status()).isEqualTo(403);
      assertThat(bad.body()).isEmpty();
      RawClient.Answer preflight =
          client.send(request("OPTIONS", "/stream", "Origin: http://two.com")).read();
      assertThat(preflight.status()).isEqualTo(200);
      assertThat(preflight.body()).isEmpty();
      assertThat(preflight.header("Access-Control-Allow-Methods"))
          .isEqualTo("GET,POST,PUT,HEAD,DELETE");
      assertThat(preflight.header("Access-Control-Allow-Headers"))
          .isEqualTo("Origin,Content-Length,Content-Type");
      assertThat(preflight.header("Access-Control-Max-Age")).isEqualTo("43200");
      assertThat(preflight.all("Vary"))
          .containsExactly(
              "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers");
      assertThat(client.send(request("OPTIONS", "/v2/apps")).read().status()).isEqualTo(405);
    }
  }

  @Test
  void sharesWithEverybody() throws IOException {
    Map<String, String> cors = new HashMap<>();
    cors.put("FN_API_CORS_ORIGINS", "*");
    cors.put("FN_API_CORS_HEADERS", "x-one,X-TWO");
    try (RawClient client = rig.connect(cors)) {
      RawClient.Answer any = client.send(get("/", "Origin: null")).read();
      assertThat(any.header("Access-Control-Allow-Origin")).isEqualTo("*");
      RawClient.Answer preflight = client.send(request("OPTIONS", "/", "Origin: x")).read();
      assertThat(preflight.header("Access-Control-Allow-Headers")).isEqualTo("X-One,X-Two");
    }
  }

  @Test
  void doesNotStartWithAMalformedOrigin() {
    assertThatThrownBy(() -> rig.start(Map.of("FN_API_CORS_ORIGINS", "ok.com")))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_API_CORS_ORIGINS")
        .hasMessageContaining("\"ok.com\"");
  }
}
