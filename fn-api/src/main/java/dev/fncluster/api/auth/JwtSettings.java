package dev.fncluster.api.auth;

import dev.fncluster.api.settings.Masking;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which tokens of an identity provider are taken.
 *
 * @param keysFile the file with its keys; empty when they are at {@code keysUrl}
 * @param keysUrl where its keys are; empty when they are in {@code keysFile}
 * @param issuer what the tokens must say of who made them
 * @param audience what they must say of whom they are for
 * @param algorithms with which they may be signed
 * @param leeway by how much clocks may differ
 * @param refresh how often keys are read from {@code keysUrl}
 * @param scopeClaim which claim has the scopes
 * @param scopePrefix what stands before our scopes there; others are ignored
 * @param appsClaim which claim has the ids of the apps that a token is limited to
 */
public record JwtSettings(
    Optional<Path> keysFile,
    Optional<URI> keysUrl,
    String issuer,
    String audience,
    Set<String> algorithms,
    Duration leeway,
    Duration refresh,
    String scopeClaim,
    String scopePrefix,
    String appsClaim) {
  /** Signatures whose key to check them makes none. */
  private static final List<String> ASYMMETRIC =
      List.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

  private static final Duration LONGEST_LEEWAY = Duration.ofMinutes(10);
  private static final Settings DEFAULTS = Settings.of(Map.of());

  static final Setting<Optional<String>> KEYS_PATH =
      Setting.optionalText(
          "FN_AUTH_JWKS_PATH",
          "A file with the keys of an identity provider (a JWK set), whose tokens (JWT) are then"
              + " taken; read again when it changes.");
  static final Setting<Optional<String>> KEYS_URL =
      Setting.optionalText(
              "FN_AUTH_JWKS_URL",
              "As FN_AUTH_JWKS_PATH, but at an https URL, or an http one of this machine.")
          .checked(given -> given.ifPresent(JwtSettings::url));
  static final Setting<Duration> REFRESH =
      Setting.duration(
          "FN_AUTH_JWKS_REFRESH",
          Duration.ofMinutes(5),
          "How often keys are read from FN_AUTH_JWKS_URL; a token of an unknown key makes them be"
              + " read too, but not more often than every 10 s.");
  static final Setting<Optional<String>> ISSUER =
      Setting.optionalText(
          "FN_AUTH_JWT_ISSUER", "The iss claim that tokens must have. Required with keys.");
  static final Setting<Optional<String>> AUDIENCE =
      Setting.optionalText(
          "FN_AUTH_JWT_AUDIENCE",
          "What the aud claim of tokens must have, so that tokens for other services are not taken."
              + " Required with keys.");
  static final Setting<List<String>> ALGORITHMS =
      Setting.someOf(
          "FN_AUTH_JWT_ALGORITHMS",
          List.of(),
          ASYMMETRIC,
          "With what tokens may be signed; RS256, PS256 and ES256 when not set.");
  static final Setting<Duration> LEEWAY =
      Setting.duration(
          "FN_AUTH_JWT_LEEWAY",
          Duration.ofSeconds(30),
          "By how much the clock of the identity provider may differ from ours; 10m at most.");
  static final Setting<String> SCOPE_CLAIM =
      Setting.text(
          "FN_AUTH_JWT_SCOPE_CLAIM",
          "scope",
          "The claim with the scopes: a text with blanks between them, or a list of texts.");
  static final Setting<String> SCOPE_PREFIX =
      Setting.text(
          "FN_AUTH_JWT_SCOPE_PREFIX",
          "fn:",
          "What stands before admin, read, lookup and invoke in that claim; scopes without it are"
              + " ignored.");
  static final Setting<String> APPS_CLAIM =
      Setting.text(
          "FN_AUTH_JWT_APPS_CLAIM",
          "fn_apps",
          "The claim with the ids of the apps to which a token is limited, in the same forms; a"
              + " token without it is for all apps.");

  static List<Setting<?>> all() {
    return List.of(
        KEYS_PATH,
        KEYS_URL,
        REFRESH,
        ISSUER,
        AUDIENCE,
        ALGORITHMS,
        LEEWAY,
        SCOPE_CLAIM,
        SCOPE_PREFIX,
        APPS_CLAIM);
  }

  /**
   * Reads them.
   *
   * @return empty when no keys are named
   * @throws SettingException when one is wrong or missing
   */
  static Optional<JwtSettings> from(Settings settings) {
    Optional<Path> file = settings.get(KEYS_PATH).map(JwtSettings::path);
    Optional<URI> url = settings.get(KEYS_URL).map(JwtSettings::url);
    if (file.isEmpty() && url.isEmpty()) {
      refuseOthers(settings);
      return Optional.empty();
    }
    if (file.isPresent() && url.isPresent()) {
      throw new SettingException(
          KEYS_PATH.name() + " and " + KEYS_URL.name() + " are set; expected only one of them");
    }
    Duration refresh = settings.get(REFRESH);
    if (refresh.compareTo(JwtKeys.LEAST_PAUSE) < 0) {
      throw new SettingException(
          REFRESH.name() + " is less than " + JwtKeys.LEAST_PAUSE.toSeconds() + "s");
    }
    Duration leeway = settings.get(LEEWAY);
    if (leeway.compareTo(LONGEST_LEEWAY) > 0) {
      throw new SettingException(LEEWAY.name() + " is more than 10m");
    }
    return Optional.of(
        new JwtSettings(
            file,
            url,
            required(settings, ISSUER),
            required(settings, AUDIENCE),
            algorithms(settings.get(ALGORITHMS)),
            leeway,
            refresh,
            settings.get(SCOPE_CLAIM),
            settings.get(SCOPE_PREFIX),
            settings.get(APPS_CLAIM)));
  }

  // Whoever sets them wants tokens to be checked: a node that lacks the keys must not be open to
  // all.
  private static void refuseOthers(Settings settings) {
    for (Setting<?> each : all()) {
      if (!settings.get(each).equals(DEFAULTS.get(each))) {
        throw new SettingException(
            each.name()
                + " is set, but neither "
                + KEYS_PATH.name()
                + " nor "
                + KEYS_URL.name()
                + ", which say where the keys are that tokens are checked by");
      }
    }
  }

  private static String required(Settings settings, Setting<Optional<String>> setting) {
    return settings
        .get(setting)
        .orElseThrow(() ->
            new SettingException(
                setting.name() + " is not set; it is needed to tell tokens for this server"));
  }

  private static Set<String> algorithms(List<String> names) {
    if (names.isEmpty()) {
      return Set.of("RS256", "PS256", "ES256");
    }
    return new LinkedHashSet<>(names);
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new SettingException(
          KEYS_PATH.name() + " is \"" + text + "\"; expected the path of a file");
    }
  }

  // Who can change keys on their way can make tokens.
  private static URI url(String text) {
    try {
      URI url = URI.create(text);
      String scheme = String.valueOf(url.getScheme());
      String host = String.valueOf(url.getHost());
      boolean here = host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]");
      if (url.getHost() != null && (scheme.equals("https") || (scheme.equals("http") && here))) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      // Answered below, like a URL of another kind.
    }
    throw new SettingException(
        KEYS_URL.name()
            + " is \""
            + Masking.addresses(text)
            + "\"; expected an https URL, or an http one of localhost");
  }
}
