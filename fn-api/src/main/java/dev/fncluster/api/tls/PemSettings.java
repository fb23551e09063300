package dev.fncluster.api.tls;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The settings of one end of TLS: three paths with names that begin alike. */
public final class PemSettings {
  private final Setting<Optional<String>> certificates;
  private final Setting<Optional<String>> key;
  private final Setting<Optional<String>> authorities;
  private final boolean mutual;

  private PemSettings(String prefix, String whose, boolean mutual) {
    this.mutual = mutual;
    certificates =
        Setting.optionalText(
            prefix + "_CERT_PATH",
            "A PEM file with the certificate of "
                + whose
                + " and those that lead to a root; read again when it changes. None for no TLS.");
    key =
        Setting.optionalText(
            prefix + "_KEY_PATH",
            "A PEM file with the key of that certificate, PKCS #8 without a password.");
    authorities =
        Setting.optionalText(
            prefix + "_CA_PATH",
            mutual
                ? "A PEM file with the authorities of the other end's certificate; needed for TLS."
                : "A PEM file with the authorities of the other end's certificate; a server asks"
                    + " its clients for one only if this is set.");
  }

  /**
   * The settings of {@code whose} end.
   *
   * @param prefix of their names, such as {@code FN_WEB_TLS}
   * @param whose end it is, for the operator
   */
  public static PemSettings of(String prefix, String whose) {
    return new PemSettings(prefix, whose, false);
  }

  /** As {@link #of}, for connections whose both ends must show a certificate. */
  static PemSettings mutual(String prefix, String whose) {
    return new PemSettings(prefix, whose, true);
  }

  /** All three, for documentation and start-up checks. */
  public List<Setting<?>> all() {
    return List.of(certificates, key, authorities);
  }

  /**
   * Reads them.
   *
   * @return empty when none is set
   * @throws SettingException when only some are set, or one is no path
   */
  public Optional<PemFiles> from(Settings settings) {
    Optional<Path> certificatePath = path(settings, certificates);
    Optional<Path> keyPath = path(settings, key);
    Optional<Path> authorityPath = path(settings, authorities);
    if (certificatePath.isEmpty() && keyPath.isEmpty() && authorityPath.isEmpty()) {
      return Optional.empty();
    }
    if (certificatePath.isEmpty() || keyPath.isEmpty()) {
      Setting<?> missing = certificatePath.isEmpty() ? certificates : key;
      throw new SettingException(
          missing.name() + " is missing; certificate and key are needed both for TLS");
    }
    if (mutual && authorityPath.isEmpty()) {
      throw new SettingException(
          authorities.name()
              + " is missing; both ends show a certificate, and this tells which to trust");
    }
    return Optional.of(new PemFiles(certificatePath.get(), keyPath.get(), authorityPath));
  }

  private static Optional<Path> path(Settings settings, Setting<Optional<String>> setting) {
    return settings
        .get(setting)
        .map(text -> {
          try {
            return Path.of(text);
          } catch (InvalidPathException e) {
            throw new SettingException(
                setting.name() + " is \"" + text + "\"; expected the path of a file");
          }
        });
  }
}
