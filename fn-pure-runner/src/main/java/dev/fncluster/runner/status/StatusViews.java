package dev.fncluster.runner.status;

import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.List;

/** The measure of status requests and its view. */
public final class StatusViews {
  static final TagKey CACHED = TagKey.create("cached");
  static final TagKey NETWORK = TagKey.create("network");
  static final TagKey SUCCESS = TagKey.create("success");

  static final MeasureLong STATUS_CALL =
      Measure.MeasureLong.create("status_call", "requests for the status of the runner", "1");

  private StatusViews() {}

  /** All views of this package, for the registry of the node. */
  public static List<View> all() {
    return List.of(
        View.create(
            View.Name.create(STATUS_CALL.getName()),
            STATUS_CALL.getDescription(),
            STATUS_CALL,
            Aggregation.Count.create(),
            List.of(CACHED, NETWORK, SUCCESS)));
  }
}
