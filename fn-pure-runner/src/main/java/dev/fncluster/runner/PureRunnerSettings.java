package dev.fncluster.runner;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.tls.MutualTlsFiles;
import dev.fncluster.api.tls.MutualTlsSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a pure runner takes calls.
 *
 * @param grpcPort of the gRPC listener; 0 for any that is free
 * @param tls what makes the gRPC listener one of TLS that asks for certificates
 */
public record PureRunnerSettings(int grpcPort, Optional<MutualTlsFiles> tls) {
  /** See {@link #grpcPort()}. */
  public static final Setting<Integer> GRPC_PORT =
      Setting.integer(
          "FN_GRPC_PORT",
          9190,
          0,
          65_535,
          "The port on which a pure runner takes calls from load balancers.");

  /** See {@link #tls()}. */
  public static final MutualTlsSettings TLS =
      MutualTlsSettings.of("FN_GRPC_TLS", "a runner's gRPC listener");

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    List<Setting<?>> all = new ArrayList<>(TLS.all());
    all.add(GRPC_PORT);
    return List.copyOf(all);
  }

  /**
   * Reads them.
   *
   * @throws dev.fncluster.api.settings.SettingException when one is wrong
   */
  public static PureRunnerSettings from(Settings settings) {
    return new PureRunnerSettings(settings.get(GRPC_PORT), TLS.from(settings));
  }
}
