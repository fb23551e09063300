package dev.fncluster.runner.status;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import java.util.List;

/**
 * How a runner finds out whether it is well.
 *
 * @param image of the function that looks; empty for none
 * @param barrierPath a file whose absence says that functions get no network; empty for none
 * @param kernelDumpsPath a folder whose entries are counted and reported; empty for none
 */
public record StatusSettings(String image, String barrierPath, String kernelDumpsPath) {
  static final Setting<String> FN_STATUS_IMAGE =
      Setting.text(
          "FN_STATUS_IMAGE",
          "",
          "The image that a pure runner runs when it is asked for its status; empty: none.");
  static final Setting<String> FN_STATUS_BARRIER_PATH =
      Setting.text(
          "FN_STATUS_BARRIER_PATH",
          "",
          "While there is no file at this path, the status image runs without a network and the"
              + " status says that the network is disabled; empty: no such file is looked for.");
  static final Setting<String> FN_STATUS_KDUMPS_PATH =
      Setting.text(
          "FN_STATUS_KDUMPS_PATH",
          "",
          "The folder of kernel crash dumps, whose number the status reports; empty: none.");

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    return List.of(FN_STATUS_IMAGE, FN_STATUS_BARRIER_PATH, FN_STATUS_KDUMPS_PATH);
  }

  /** Reads them. */
  public static StatusSettings from(Settings settings) {
    return new StatusSettings(
        settings.get(FN_STATUS_IMAGE).strip(),
        settings.get(FN_STATUS_BARRIER_PATH).strip(),
        settings.get(FN_STATUS_KDUMPS_PATH).strip());
  }
}
