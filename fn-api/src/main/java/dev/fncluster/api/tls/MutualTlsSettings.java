package dev.fncluster.api.tls;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The settings of one end of TLS where both ends show a certificate. Immutable. */
public final class MutualTlsSettings {
  private final PemSettings pem;
  private final Setting<List<String>> allowedNames;

  private MutualTlsSettings(PemSettings pem, Setting<List<String>> allowedNames) {
    this.pem = pem;
    this.allowedNames = allowedNames;
  }

  /**
   * The settings of {@code whose} end.
   *
   * @param prefix of their names, such as {@code FN_GRPC_TLS}
   * @param whose end it is, for the operator
   */
  public static MutualTlsSettings of(String prefix, String whose) {
    return new MutualTlsSettings(
        PemSettings.mutual(prefix, whose),
        Setting.list(
            prefix + "_ALLOWED_NAMES",
            ",",
            "Common or alternative names, *. for any one label, of which the certificate of the"
                + " other end must have one; none for all that the authorities have signed."));
  }

  /** All of them, for documentation and start-up checks. */
  public List<Setting<?>> all() {
    List<Setting<?>> all = new ArrayList<>(pem.all());
    all.add(allowedNames);
    return List.copyOf(all);
  }

  /**
   * Reads them.
   *
   * @return empty when none is set
   * @throws SettingException when only some are set, or one is no path
   */
  public Optional<MutualTlsFiles> from(Settings settings) {
    List<String> names = settings.get(allowedNames);
    Optional<PemFiles> files = pem.from(settings);
    if (files.isEmpty() && !names.isEmpty()) {
      throw new SettingException(
          allowedNames.name() + " is set without a certificate, its key and authorities for TLS");
    }
    return files.map(each -> new MutualTlsFiles(each, names));
  }
}
