package dev.fncluster.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PerFunctionTest {
  private static final MeasureLong CALLS = MeasureLong.create("made_calls", "calls", "1");
  private static final TagKey END = TagKey.create("end");

  private final Metrics metrics = Metrics.create(MetricNames.PROMETHEUS, "1.2.3");

  @AfterEach
  void close() {
    metrics.close();
  }

  private PerFunction<Recorder> recorders(int most, String... tags) {
    List<TagKey> columns = Arrays.stream(tags).map(TagKey::create).toList();
    metrics
        .views()
        .register(
            List.of(
                View.create(
                    View.Name.create(CALLS.getName()),
                    CALLS.getDescription(),
                    CALLS,
                    Aggregation.Count.create(),
                    columns)));
    return PerFunction.create(
        metrics.views(),
        List.of(CALLS),
        List.of(END),
        most,
        from -> from.recorder(CALLS, END.getName(), "well"));
  }

  private List<String> rows() {
    return new String(metrics.scrape(null).body(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("fn_made_calls_total"))
        .toList();
  }

  @Test
  void oneRowForAllWhereNobodyAsksForIds() {
    PerFunction<Recorder> calls = recorders(1, "end");
    calls.of("a1", "f1").increment();
    calls.of("a2", "f2").increment();

    assertThat(calls.of("a1", "f1")).isSameAs(calls.of("a2", "f2"));
    assertThat(rows()).containsExactly("fn_made_calls_total{end=\"well\"} 2.0");
  }

  @Test
  void idsHaveTheirValuesWhereTheyAreAskedFor() {
    PerFunction<Recorder> calls = recorders(10, "fn_id", "end", "app_id");
    calls.of("a1", "f1").increment();
    calls.of("a1", "f2").increment();
    calls.of("a1", "f2").increment();

    assertThat(rows())
        .containsExactlyInAnyOrder(
            "fn_made_calls_total{app_id=\"a1\",end=\"well\",fn_id=\"f1\"} 1.0",
            "fn_made_calls_total{app_id=\"a1\",end=\"well\",fn_id=\"f2\"} 2.0");
  }

  @Test
  void functionsOfAnAppAreOneRowWhereOnlyAppsAreAskedFor() {
    PerFunction<Recorder> calls = recorders(10, "app_id");
    for (int i = 0; i < 5; i++) {
      calls.of("a1", "f" + i).increment();
    }

    assertThat(rows()).containsExactly("fn_made_calls_total{app_id=\"a1\"} 5.0");
  }

  @Test
  void functionsBeyondTheLimitAreOneRow() {
    PerFunction<Recorder> calls = recorders(2, "fn_id");
    for (int i = 1; i <= 5; i++) {
      calls.of("a", "f" + i).increment();
      calls.of("a", "f1").increment();
    }

    assertThat(rows())
        .containsExactlyInAnyOrder(
            "fn_made_calls_total{fn_id=\"f1\"} 6.0",
            "fn_made_calls_total{fn_id=\"f2\"} 1.0",
            "fn_made_calls_total{fn_id=\"other\"} 3.0");
  }

  @Test
  void aTagThatNobodyHasValuesForIsAMistake() {
    assertThatThrownBy(() -> recorders(10, "fn_id", "zone"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a view of made_calls has the tag zone");
  }
}
