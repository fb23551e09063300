package dev.fncluster.api.access;

import dev.fncluster.api.settings.Masking;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Where a load balancer reads apps, fns and triggers.
 *
 * @param apiUrls scheme, host and maybe port of each API node, nothing else; the first one that
 *     answers is asked
 * @param token what is shown to them
 * @param tls what is used for those with https; empty for Java's own
 */
public record AccessSettings(List<URI> apiUrls, ApiToken token, Optional<SSLContext> tls) {
  static final Setting<List<String>> RUNNER_API_URL =
      Setting.list(
              "FN_RUNNER_API_URL",
              ",",
              "The API node that a load balancer reads from, or several that share a database: the first"
                  + " one that answers is asked. Required there.")
          .checked(urls -> urls.forEach(AccessSettings::parse));

  /** Several entries for one node are one. */
  public AccessSettings {
    apiUrls = apiUrls.stream().distinct().toList();
  }

  /** All settings, for documentation. */
  public static List<Setting<?>> all() {
    return List.of(RUNNER_API_URL, ApiTrust.AUTHORITIES, ApiToken.TOKEN);
  }

  /**
   * Reads the settings of a load balancer.
   *
   * @throws SettingException when there is no URL, one has no host, the token can't be one, or
   *     authorities can't be read
   */
  public static AccessSettings from(Settings settings) {
    List<String> urls = settings.get(RUNNER_API_URL);
    if (urls.isEmpty()) {
      throw new SettingException(
          RUNNER_API_URL.name()
              + " is not set; expected the URL of the API node, such as http://host:port");
    }
    return new AccessSettings(
        urls.stream().map(AccessSettings::parse).toList(),
        ApiToken.of(settings),
        ApiTrust.of(settings));
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
    if (parsed.getPort() > 65_535) {
      throw wrong(url, "no port is greater than 65535");
    }
    String port = parsed.getPort() < 0 ? "" : ":" + parsed.getPort();
    return URI.create(scheme + "://" + parsed.getHost() + port);
  }

  private static SettingException wrong(String url, String why) {
    return new SettingException(
        RUNNER_API_URL.name()
            + " is \""
            + Masking.addresses(url)
            + "\": "
            + why
            + "; expected the URL of the API node, such as http://host:port");
  }
}
