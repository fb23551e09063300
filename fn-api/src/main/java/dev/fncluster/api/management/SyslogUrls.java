package dev.fncluster.api.management;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rules for the address that an app's logs are sent to. */
final class SyslogUrls {
  private static final Set<String> SCHEMES = Set.of("tcp", "udp", "unix", "unixgram", "tcp+tls");
  private static final Pattern BAD_PORT = Pattern.compile(".*:[^\\]]*[^\\]0-9][^\\]]*");

  private SyslogUrls() {}

  /** Checks an address; blanks around it do not matter. None and the empty one are fine. */
  static void validate(@Nullable String url) {
    if (url == null || url.isEmpty()) {
      return;
    }
    URI parsed;
    try {
      parsed = new URI(url.strip());
    } catch (URISyntaxException e) {
      throw ManagementErrors.syslogUrlInvalid(url, e.getReason());
    }
    String authority = parsed.getRawAuthority();
    if (authority != null && BAD_PORT.matcher(authority).matches()) {
      throw ManagementErrors.syslogUrlInvalid(url, "the port is no number");
    }
    String scheme = parsed.getScheme();
    if (scheme == null || !SCHEMES.contains(scheme.toLowerCase(Locale.ROOT))) {
      throw ManagementErrors.syslogUrlInvalid(
          url, "invalid scheme, only [tcp, udp, unix, unixgram, tcp+tls] are supported");
    }
  }
}
