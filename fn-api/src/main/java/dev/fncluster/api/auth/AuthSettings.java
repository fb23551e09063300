package dev.fncluster.api.auth;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether a node asks its callers for tokens, and how they are checked.
 *
 * @param tokens the file of hashed tokens; empty for none
 * @param jwt which tokens of an identity provider are taken; empty for none
 * @param triggers whether calls through triggers need a token too
 * @param forwarding whether functions get the {@code Authorization} header that was checked here
 */
public record AuthSettings(
    Optional<Path> tokens, Optional<JwtSettings> jwt, boolean triggers, boolean forwarding) {
  static final Setting<Optional<String>> TOKENS_PATH =
      Setting.optionalText(
          "FN_AUTH_TOKENS_PATH",
          "A file with a hashed token a line, as --make-token prints them; read again when it"
              + " changes. With it, callers need a token.");
  static final Setting<Boolean> TRIGGERS =
      Setting.bool(
          "FN_AUTH_TRIGGERS",
          true,
          "Whether calls through triggers need a token where callers do; false leaves them open to"
              + " all, and their Authorization header to the function.");
  static final Setting<Boolean> FORWARDING =
      Setting.bool(
          "FN_AUTH_FORWARD_HEADER",
          false,
          "Whether functions get the Authorization header of a request whose token was checked.");

  /** All settings, for documentation. */
  public static List<Setting<?>> all() {
    List<Setting<?>> all = new ArrayList<>(List.of(TOKENS_PATH, TRIGGERS, FORWARDING));
    all.addAll(JwtSettings.all());
    return List.copyOf(all);
  }

  /**
   * Reads them.
   *
   * @throws SettingException when one is wrong
   */
  public static AuthSettings from(Settings settings) {
    return new AuthSettings(
        settings.get(TOKENS_PATH).map(AuthSettings::path),
        JwtSettings.from(settings),
        settings.get(TRIGGERS),
        settings.get(FORWARDING));
  }

  /** Whether callers need a token at all. */
  public boolean isOn() {
    return tokens.isPresent() || jwt.isPresent();
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new SettingException(
          TOKENS_PATH.name() + " is \"" + text + "\"; expected the path of a file");
    }
  }
}
