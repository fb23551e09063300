package dev.fncluster.api.access;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a load balancer reads apps, fns and triggers.
 *
 * @param apiUrl scheme, host and maybe port of the API node; nothing else
 */
public record AccessSettings(URI apiUrl) {
  static final Setting<Optional<String>> RUNNER_API_URL =
      Setting.optionalText(
          "FN_RUNNER_API_URL", "The API node that a load balancer reads from. Required there.");

  /** All settings, for documentation. */
  public static List<Setting<?>> all() {
    return List.of(RUNNER_API_URL);
  }

  /**
   * Reads the settings of a load balancer.
   *
   * @throws SettingException when the URL is missing or has no host
   */
  public static AccessSettings from(Settings settings) {
    String url =
        settings
            .get(RUNNER_API_URL)
            .orElseThrow(() ->
                new SettingException(
                    RUNNER_API_URL.name()
                        + " is not set; expected the URL of the API node, such as"
                        + " http://host:port"));
    return new AccessSettings(parse(url));
  }

  private static URI parse(String url) {
    URI parsed;
    try {
      parsed = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw wrong(url, "no URL");
    }
    if (parsed.getHost() == null) {
      throw wrong(url, "no host specified for client");
    }
    String scheme =
        parsed.getScheme() == null ? "http" : parsed.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw wrong(url, "the scheme is neither http nor https");
    }
    String port = parsed.getPort() < 0 ? "" : ":" + parsed.getPort();
    return URI.create(scheme + "://" + parsed.getHost() + port);
  }

  private static SettingException wrong(String url, String why) {
    return new SettingException(
        RUNNER_API_URL.name()
            + " is \""
            + url
            + "\": "
            + why
            + "; expected the URL of the API node, such as http://host:port");
  }
}
