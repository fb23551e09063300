package dev.fncluster.api.management;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyslogUrlsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "tcp://example.com:443",
        "udp://[::1]:514",
        "tcp+tls://x",
        "unix:///dev/log",
        "unixgram:///x",
        "  TCP://under_score:1\t"
      })
  void takesAddressesOfKnownSchemes(String url) {
    assertThatCode(() -> SyslogUrls.validate(url)).doesNotThrowAnyException();
  }

  @Test
  void noneIsFine() {
    assertThatCode(() -> SyslogUrls.validate(null)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"yo", "yo://sup.com:1", "tls://x:1", "http://x", "//x", "   "})
  void refusesOtherSchemes(String url) {
    assertThatThrownBy(() -> SyslogUrls.validate(url))
        .hasMessageStartingWith("invalid syslog url: \"" + url + "\" ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tcp://a:1,tcp://b:2", "tcp://h:port", "tcp://a b", "tcp://%zz", "udp://[::1]:x"})
  void refusesWhatIsNoUrl(String url) {
    assertThatThrownBy(() -> SyslogUrls.validate(url))
        .hasMessageStartingWith("invalid syslog url: \"" + url + "\" ");
  }
}
