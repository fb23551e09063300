package dev.fncluster.runner.logs;

import dev.fncluster.stats.Recorder;
import dev.fncluster.stats.ViewRegistry;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.List;

/** The measures of functions' output and the views that export them. */
public final class LogViews {
  static final TagKey REASON = TagKey.create("reason");

  static final MeasureLong LINES =
      Measure.MeasureLong.create("function_log_lines", "lines that functions wrote", "1");
  static final MeasureLong DROPPED =
      Measure.MeasureLong.create(
          "function_log_dropped_lines",
          "lines of functions that were not passed on, by reason: limit (of a call), node_log or"
              + " collector (which was too slow)",
          "1");

  private LogViews() {}

  /** All views of this package. */
  public static List<View> all() {
    return List.of(view(LINES, List.of()), view(DROPPED, List.of(REASON)));
  }

  /** Counts lines that were dropped because of {@code reason}. */
  static Recorder dropped(ViewRegistry registry, String reason) {
    return registry.recorder(DROPPED, REASON.getName(), reason);
  }

  private static View view(MeasureLong measure, List<TagKey> tags) {
    return View.create(
        View.Name.create(measure.getName()),
        measure.getDescription(),
        measure,
        Aggregation.Sum.create(),
        tags);
  }
}
