package dev.fncluster.runnerpool;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * What a load balancer is told of its runners.
 *
 * @param addresses at least one, none twice, in the order given
 */
public record RunnerPoolSettings(List<RunnerAddress> addresses) {
  /** The runners. */
  public static final Setting<List<String>> ADDRESSES =
      Setting.list(
          "FN_RUNNER_ADDRESSES",
          ",",
          "The runners of a load balancer, as host:port,host:port. Required there.");

  /** Copies the list. */
  public RunnerPoolSettings {
    addresses = List.copyOf(addresses);
  }

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    return List.of(ADDRESSES);
  }

  /**
   * Reads them.
   *
   * @throws SettingException when there is no address, or one has the wrong form
   */
  public static RunnerPoolSettings from(Settings settings) {
    LinkedHashSet<RunnerAddress> addresses = new LinkedHashSet<>();
    for (String each : settings.get(ADDRESSES)) {
      addresses.add(RunnerAddress.parse(ADDRESSES.name(), each));
    }
    if (addresses.isEmpty()) {
      // To the letter, with its two blanks: scripts look for it.
      throw new SettingException(
          "must provide FN_RUNNER_ADDRESSES  when running in default load-balanced mode");
    }
    return new RunnerPoolSettings(List.copyOf(addresses));
  }
}
