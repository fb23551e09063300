package dev.fncluster.api.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.stats.BucketSets;
import io.opencensus.tags.TagKey;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ViewSettingsTest {
  @Test
  void defaults() {
    ViewSettings settings = ViewSettings.from(Settings.of(Map.of()));

    assertThat(settings.buckets()).isEqualTo(BucketSets.DEFAULT);
    assertThat(settings.containerTags())
        .extracting(TagKey::getName)
        .containsExactly("app_id", "fn_id", "image_name");
    assertThat(settings.callTags()).isEmpty();
    assertThat(settings.sampleTags()).isEmpty();
  }

  @Test
  void explicit() {
    ViewSettings settings =
        ViewSettings.from(
            Settings.of(
                Map.of(
                    "FN_METRICS_LATENCY_BUCKETS", "1,2.5, 10",
                    "FN_METRICS_LB_LATENCY_BUCKETS", "5",
                    "FN_METRICS_IO_BUCKETS", "1024",
                    "FN_METRICS_MEMORY_BUCKETS", "2048",
                    "FN_METRICS_CPU_BUCKETS", "50,100",
                    "FN_METRICS_CALL_TAGS", "fn_id, app_id",
                    "FN_METRICS_CONTAINER_TAGS", "image_name",
                    "FN_METRICS_SAMPLE_TAGS", "fn_id")));

    assertThat(settings.buckets().latency().getBucketBoundaries().getBoundaries())
        .containsExactly(1.0, 2.5, 10.0);
    assertThat(settings.buckets().lbLatency().getBucketBoundaries().getBoundaries())
        .containsExactly(5.0);
    assertThat(settings.buckets().io().getBucketBoundaries().getBoundaries())
        .containsExactly(1024.0);
    assertThat(settings.buckets().memory().getBucketBoundaries().getBoundaries())
        .containsExactly(2048.0);
    assertThat(settings.buckets().cpu().getBucketBoundaries().getBoundaries())
        .containsExactly(50.0, 100.0);
    assertThat(settings.callTags()).extracting(TagKey::getName).containsExactly("fn_id", "app_id");
    assertThat(settings.containerTags()).extracting(TagKey::getName).containsExactly("image_name");
    assertThat(settings.sampleTags()).extracting(TagKey::getName).containsExactly("fn_id");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1,1", "2,1", "0,1", "-1", "x", "NaN", "1,,2", "Infinity"})
  void boundsMustRise(String bounds) {
    Settings settings = Settings.of(Map.of("FN_METRICS_LATENCY_BUCKETS", bounds));

    assertThatThrownBy(() -> ViewSettings.from(settings))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_METRICS_LATENCY_BUCKETS");
  }

  @ParameterizedTest
  @CsvSource({
    "FN_METRICS_CONTAINER_TAGS,fn_name",
    "FN_METRICS_CALL_TAGS,image_name",
    "FN_METRICS_SAMPLE_TAGS,app_name"
  })
  void onlyKnownTags(String setting, String unknown) {
    Settings settings = Settings.of(Map.of(setting, "fn_id," + unknown));

    assertThatThrownBy(() -> ViewSettings.from(settings))
        .isInstanceOf(SettingException.class)
        .hasMessageContainingAll(setting, unknown);
  }

  @Test
  void noTagsAtAll() {
    Settings settings = Settings.of(Map.of("FN_METRICS_CONTAINER_TAGS", ""));

    assertThat(ViewSettings.from(settings).containerTags()).isEmpty();
  }
}
