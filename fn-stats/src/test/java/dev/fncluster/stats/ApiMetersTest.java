package dev.fncluster.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ApiMetersTest {
  private final Metrics metrics = Metrics.create(MetricNames.FN, "test");

  @BeforeEach
  void register() {
    metrics.views().register(ApiViews.create(Distributions.LATENCY));
  }

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void spellsRoutesAsTheTagDoes() {
    ApiMeters meters = new ApiMeters(metrics.views());
    meters.started("GET", "/v2/apps/{app_id}");
    meters.started("GET", "/v2/apps/{app_id}");
    meters.started("PUT", "/t/{app_name}/*trigger_source");
    meters.started("PUT", "/t/{app_name}");
    meters.started("GET", "invalid");
    assertThat(page())
        .contains(
            "fn_api_request_count{method=\"GET\",path=\"/v2/apps/:app_id\"} 2",
            "fn_api_request_count{method=\"PUT\",path=\"/t/:app_name\"} 2",
            "fn_api_request_count{method=\"GET\",path=\"invalid\"} 1");
  }

  @Test
  void countsAndTimesAnswers() {
    ApiMeters meters = new ApiMeters(metrics.views());
    meters.finished("POST", "/invoke/{fn_id}", 502, "user", "java/1", 60);
    meters.finished("POST", "/invoke/{fn_id}", 502, "user", "java/1", 40);
    String labels =
        "{blame=\"user\",fn_fdk_version=\"java/1\",method=\"POST\",path=\"/invoke/:fn_id\","
            + "status=\"502\"}";
    assertThat(page())
        .contains(
            "fn_api_response_count" + labels + " 2",
            "fn_api_latency_count" + labels + " 2",
            "fn_api_latency_sum" + labels + " 100");
  }

  @Test
  void functionsCannotFillTheMemoryWithVersions() {
    ApiMeters meters = new ApiMeters(metrics.views(), 10);
    for (int i = 0; i < 100; i++) {
      meters.finished("POST", "/invoke/{fn_id}", 200, "user", "kit/" + i, 1);
    }
    meters.finished("POST", "/invoke/{fn_id}", 200, "user", "", 1);
    List<String> rows =
        page().stream().filter(line -> line.startsWith("fn_api_response_count{")).toList();
    assertThat(rows)
        .hasSize(12)
        .anyMatch(line -> line.contains("\"other\"") && line.endsWith(" 90"))
        .anyMatch(line -> line.contains("fn_fdk_version=\"\"") && line.endsWith(" 1"));
  }

  private List<String> page() {
    return new String(metrics.scrape(null).body(), StandardCharsets.UTF_8).lines().toList();
  }
}
