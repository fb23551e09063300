package dev.fncluster.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.opencensus.tags.TagKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ApiMetersTest {
  private final Metrics metrics = Metrics.create(MetricNames.FN, "test");

  private ApiMeters meters(int mostRows, String... tags) {
    List<TagKey> keys = Arrays.stream(tags).map(TagKey::create).toList();
    metrics.views().register(ApiViews.create(keys, Distributions.LATENCY));
    return new ApiMeters(metrics.views(), mostRows);
  }

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void spellsRoutesAsTheTagDoes() {
    ApiMeters meters = meters(100);
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
    ApiMeters meters = meters(100);
    meters.finished("POST", "/invoke/{fn_id}", 502, "user", "java/1", "a", "f", 60);
    meters.finished("POST", "/invoke/{fn_id}", 502, "user", "java/1", "a", "f", 40);
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
    ApiMeters meters = meters(10);
    for (int i = 0; i < 100; i++) {
      meters.finished("POST", "/invoke/{fn_id}", 200, "user", "kit/" + i, "a", "f", 1);
    }
    meters.finished("POST", "/invoke/{fn_id}", 200, "user", "", "a", "f", 1);
    List<String> rows =
        page().stream().filter(line -> line.startsWith("fn_api_response_count{")).toList();
    assertThat(rows)
        .hasSize(12)
        .anyMatch(line -> line.contains("\"other\"") && line.endsWith(" 90"))
        .anyMatch(line -> line.contains("fn_fdk_version=\"\"") && line.endsWith(" 1"));
  }

  @Test
  void functionsCannotFillTheMemoryWithLongVersions() {
    ApiMeters meters = meters(10);
    for (String letter : List.of("a", "b")) {
      meters.finished("POST", "/invoke/{fn_id}", 200, "user", letter.repeat(64), "a", "f", 1);
      meters.finished("POST", "/invoke/{fn_id}", 200, "user", letter.repeat(65), "a", "f", 1);
    }
    assertThat(page().stream().filter(line -> line.startsWith("fn_api_response_count{")))
        .hasSize(3)
        .anyMatch(line -> line.contains("\"other\"") && line.endsWith(" 2"))
        .anyMatch(line -> line.contains("\"" + "b".repeat(64) + "\"") && line.endsWith(" 1"));
  }

  @Test
  void answersOfFunctionsAreToldApartWhereThatIsAskedFor() {
    ApiMeters meters = meters(3, "fn_id", "app_id");
    for (int i = 1; i <= 5; i++) {
      meters.finished("POST", "/invoke/{fn_id}", 200, "user", "", "a", "f" + i, 1);
    }
    meters.finished("GET", "/v2/apps", 200, "service", "", "", "", 1);
    assertThat(page().stream().filter(line -> line.startsWith("fn_api_response_count{")))
        .hasSize(5)
        .anyMatch(line -> line.contains("app_id=\"a\"") && line.contains("fn_id=\"f1\""))
        .anyMatch(line -> line.contains("fn_id=\"other\"") && line.endsWith(" 2"))
        .anyMatch(line -> line.contains("app_id=\"\"") && line.contains("fn_id=\"\""));
    assertThat(page()).anyMatch(line -> line.matches("fn_api_latency_sum\\{.*fn_id=\"f1\".*} 1"));
  }

  private List<String> page() {
    return new String(metrics.scrape(null).body(), StandardCharsets.UTF_8).lines().toList();
  }
}
