package dev.fncluster.runner.docker.image;

import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import java.util.List;

/** The measures of the image cleaner and their views. */
public final class ImageViews {
  static final MeasureLong BUSY_COUNT =
      measure("image_cleaner_busy_img_count", "images that containers use", "1");
  static final MeasureLong BUSY_SIZE =
      measure("image_cleaner_busy_img_size", "size of images that containers use", "By");
  static final MeasureLong IDLE_COUNT =
      measure("image_cleaner_idle_img_count", "images that could be removed", "1");
  static final MeasureLong IDLE_SIZE =
      measure("image_cleaner_idle_img_size", "size of images that could be removed", "By");
  static final MeasureLong MAX_SIZE =
      measure("image_cleaner_max_img_size", "size that all images may have together", "By");
  static final MeasureLong REFUSED =
      measure("image_cleaner_refused", "images that the engine did not remove when asked to", "1");

  private ImageViews() {}

  /** All views of this package, for the registry of the node. */
  public static List<View> all() {
    Aggregation last = Aggregation.LastValue.create();
    return List.of(
        view(BUSY_COUNT, last),
        view(BUSY_SIZE, last),
        view(IDLE_COUNT, last),
        view(IDLE_SIZE, last),
        view(MAX_SIZE, last),
        view(REFUSED, Aggregation.Count.create()));
  }

  private static View view(MeasureLong measure, Aggregation aggregation) {
    return View.create(
        View.Name.create(measure.getName()),
        measure.getDescription(),
        measure,
        aggregation,
        List.of());
  }

  private static MeasureLong measure(String name, String description, String unit) {
    return Measure.MeasureLong.create(name, description, unit);
  }
}
