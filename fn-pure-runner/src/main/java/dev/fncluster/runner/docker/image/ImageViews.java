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

  private ImageViews() {}

  /** All views of this package, for the registry of the node. */
  public static List<View> all() {
    return List.of(
        view(BUSY_COUNT), view(BUSY_SIZE), view(IDLE_COUNT), view(IDLE_SIZE), view(MAX_SIZE));
  }

  private static View view(MeasureLong measure) {
    return View.create(
        View.Name.create(measure.getName()),
        measure.getDescription(),
        measure,
        Aggregation.LastValue.create(),
        List.of());
  }

  private static MeasureLong measure(String name, String description, String unit) {
    return Measure.MeasureLong.create(name, description, unit);
  }
}
