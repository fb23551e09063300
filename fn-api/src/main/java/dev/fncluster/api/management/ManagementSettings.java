package dev.fncluster.api.management;

import dev.fncluster.api.settings.Masking;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Settings of the management API.
 *
 * @param publicUrl where clients reach the load balancer, without a slash at the end; empty for the
 *     address that they reach the API under
 */
public record ManagementSettings(Optional<String> publicUrl) {
  static final Setting<Optional<String>> PUBLIC_LB_URL =
      Setting.optionalText(
              "FN_PUBLIC_LB_URL",
              "Base of the invoke and trigger endpoints that the API shows; the address of the request"
                  + " when not set.")
          .checked(given -> given.ifPresent(ManagementSettings::withoutLastSlash));

  /** All settings, for documentation. */
  public static List<Setting<?>> all() {
    return List.of(PUBLIC_LB_URL);
  }

  /**
   * Reads the settings.
   *
   * @throws SettingException when the URL is none
   */
  public static ManagementSettings from(Settings settings) {
    return new ManagementSettings(
        settings.get(PUBLIC_LB_URL).map(ManagementSettings::withoutLastSlash));
  }

  private static String withoutLastSlash(String url) {
    try {
      URI parsed = URI.create(url);
      if (parsed.getScheme() != null && parsed.getRawAuthority() != null) {
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
      }
    } catch (IllegalArgumentException e) {
      // Answered below, like a URL that lacks a part.
    }
    throw new SettingException(
        PUBLIC_LB_URL.name()
            + " is \""
            + Masking.addresses(url)
            + "\"; expected a URL such as http://host:port");
  }
}
