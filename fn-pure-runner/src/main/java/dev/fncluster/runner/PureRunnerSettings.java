package dev.fncluster.runner;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import java.util.List;

/**
 * Where a pure runner takes calls.
 *
 * @param grpcPort of the gRPC listener; 0 for any that is free
 */
public record PureRunnerSettings(int grpcPort) {
  /** See {@link #grpcPort()}. */
  public static final Setting<Integer> GRPC_PORT =
      Setting.integer(
          "FN_GRPC_PORT",
          9190,
          0,
          65_535,
          "The port on which a pure runner takes calls from load balancers, on all interfaces.");

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    return List.of(GRPC_PORT);
  }

  /**
   * Reads them.
   *
   * @throws dev.fncluster.api.settings.SettingException when one is wrong
   */
  public static PureRunnerSettings from(Settings settings) {
    return new PureRunnerSettings(settings.get(GRPC_PORT));
  }
}
