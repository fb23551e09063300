package dev.fncluster.runnerpool;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.tls.MutualTlsFiles;
import dev.fncluster.api.tls.MutualTlsSettings;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * What a load balancer is told of its runners.
 *
 * @param addresses at least one, none twice, in the order given
 * @param tls what encrypts the connections to runners
 */
public record RunnerPoolSettings(List<RunnerAddress> addresses, Optional<MutualTlsFiles> tls) {
  /** The runners. */
  public static final Setting<List<String>> ADDRESSES =
      Setting.list(
          "FN_RUNNER_ADDRESSES",
          ",",
          "The runners of a load balancer, as host:port,host:port. Required there.");

  /** See {@link #tls()}. */
  public static final MutualTlsSettings TLS =
      MutualTlsSettings.of("FN_RUNNER_TLS", "a load balancer towards its runners");

  /** Copies the list. */
  public RunnerPoolSettings {
    addresses = List.copyOf(addresses);
  }

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    List<Setting<?>> all = new ArrayList<>(TLS.all());
    all.add(ADDRESSES);
    return List.copyOf(all);
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
    return new RunnerPoolSettings(List.copyOf(addresses), TLS.from(settings));
  }
}
