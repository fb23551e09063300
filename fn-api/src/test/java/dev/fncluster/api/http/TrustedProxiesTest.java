package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.auth.Caller;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TrustedProxiesTest {
  private static final String PROXIES = "10.0.0.0/8, 192.0.2.7, fd00::/8, 172.16.0.0/12";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // Peer, For, Proto, Host: what is seen.
        "10.0.0.1 | 203.0.113.9             | https      | fn.test   | 203.0.113.9 https://fn.test",
        "10.0.0.1 | 203.0.113.9:4711        | HTTPS      | fn.test:8 | 203.0.113.9 https://fn.test:8",
        "10.0.0.1 | [2001:db8::1]:4711      |            |           | 2001:db8:0:0:0:0:0:1 http://own",
        "10.0.0.1 | 2001:db8::1             |            |           | 2001:db8:0:0:0:0:0:1 http://own",
        "fd12::1  | 203.0.113.9             | https      | fn.test   | 203.0.113.9 https://fn.test",
        "192.0.2.7| 203.0.113.9             |            |           | 203.0.113.9 http://own",
        "172.31.0.1| 203.0.113.9            |            |           | 203.0.113.9 http://own",
        "10.0.0.1 |                         | https      | fn.test   | 10.0.0.1 https://fn.test",
        // Who is not trusted is not believed.
        "203.0.113.9 | 1.2.3.4              | https      | evil.test | 203.0.113.9 http://own",
        "192.0.2.8| 1.2.3.4                 | https      | evil.test | 192.0.2.8 http://own",
        "172.32.0.1| 1.2.3.4                | https      | evil.test | 172.32.0.1 http://own",
        // The right-most one that is not trusted is the client; what it wrote itself does not
        // count.
        "10.0.0.1 | 1.2.3.4, 203.0.113.9    | https      | fn.test   | 203.0.113.9 https://fn.test",
        "10.0.0.1 | 1.2.3.4, 203.0.113.9, 10.0.0.2 | x, https, http | evil, fn.test, in | 203.0.113.9 https://fn.test",
        "10.0.0.1 | 203.0.113.9             | evil, https | evil.test, fn.test | 203.0.113.9 https://fn.test",
        // All are trusted: the first of them is as good as a client.
        "10.0.0.1 | 10.0.0.3, 10.0.0.2      |            |           | 10.0.0.3 http://own",
        // Where it can't be read, nothing left of it is.
        "10.0.0.1 | 1.2.3.4, unknown, 10.0.0.2 | https   | fn.test   | 10.0.0.2 https://fn.test",
        "10.0.0.1 | 1.2.3.4,                | https      |           | 10.0.0.1 https://own",
        "10.0.0.1 | localhost               | ftp        | a/b       | 10.0.0.1 http://own",
        "10.0.0.1 | [::1                    | https x    | a b       | 10.0.0.1 http://own",
        "10.0.0.1 | 1.2.3.4:x               |            | a@b       | 10.0.0.1 http://own",
        "10.0.0.1 | 1.2.3                   | `https`    | `\"`      | 10.0.0.1 https://own",
      })
  void customaryHeaders(String peer, String from, String proto, String host, String seen)
      throws Exception {
    Headers headers = new Headers().add("Forwarded", "for=9.9.9.9;proto=https;host=other");
    add(headers, "X-Forwarded-For", from);
    add(headers, "X-Forwarded-Proto", proto);
    add(headers, "X-Forwarded-Host", host);

    assertThat(seen("x-forwarded", peer, headers)).isEqualTo(seen);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "10.0.0.1 | for=203.0.113.9;proto=https;host=fn.test | 203.0.113.9 https://fn.test",
        "10.0.0.1 | For=\"[2001:db8::1]:4711\" ; Proto=https | 2001:db8:0:0:0:0:0:1 https://own",
        "10.0.0.1 | host=\"fn.test:8\";by=10.0.0.1           | 10.0.0.1 http://fn.test:8",
        "10.0.0.1 | for=1.2.3.4;host=evil, for=203.0.113.9;host=\"f\\n.test\" | 203.0.113.9 http://fn.test",
        "10.0.0.1 | for=1.2.3.4, for=203.0.113.9;proto=https, for=10.0.0.2;proto=http | 203.0.113.9 https://own",
        "10.0.0.1 | for=1.2.3.4, for=_hidden;proto=https     | 10.0.0.1 https://own",
        "10.0.0.1 | for=unknown;host=fn.test                 | 10.0.0.1 http://fn.test",
        "203.0.113.9 | for=1.2.3.4;proto=https               | 203.0.113.9 http://own",
        // What is malformed is not looked at.
        "10.0.0.1 | for=1.2.3.4;proto=https;for=1.2.3.5      | 10.0.0.1 http://own",
        "10.0.0.1 | for=1.2.3.4;proto=\"https                | 10.0.0.1 http://own",
        "10.0.0.1 | for=1.2.3.4 proto=https                  | 10.0.0.1 http://own",
        "10.0.0.1 | for                                      | 10.0.0.1 http://own",
        "10.0.0.1 | for=                                     | 10.0.0.1 http://own",
        "10.0.0.1 | =1.2.3.4                                 | 10.0.0.1 http://own",
        "10.0.0.1 | for=\"1.2.3.4\\                          | 10.0.0.1 http://own",
        "10.0.0.1 | ,                                        | 10.0.0.1 http://own",
        "10.0.0.1 | ;;;                                      | 10.0.0.1 http://own",
      })
  void theStandardsHeader(String peer, String forwarded, String seen) throws Exception {
    Headers headers =
        new Headers()
            .add("X-Forwarded-For", "9.9.9.9")
            .add("X-Forwarded-Proto", "https")
            .add("X-Forwarded-Host", "other");
    add(headers, "Forwarded", forwarded);

    assertThat(seen("forwarded", peer, headers)).isEqualTo(seen);
  }

  @Test
  void severalLinesAreOneList() throws Exception {
    Headers headers =
        new Headers()
            .add("X-Forwarded-For", "1.2.3.4")
            .add("X-Forwarded-For", "203.0.113.9, 10.0.0.2");
    assertThat(seen("x-forwarded", "10.0.0.1", headers)).isEqualTo("203.0.113.9 http://own");
  }

  @Test
  void endlessHeadersAreNotLookedAt() throws Exception {
    Headers headers = new Headers().add("X-Forwarded-For", "10.0.0.2,".repeat(10_000) + "1.2.3.4");
    assertThat(seen("x-forwarded", "10.0.0.1", headers)).isEqualTo("10.0.0.1 http://own");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "proxy", "fd00::/129", "/8"})
  void whatIsNoNetworkIsRefused(String text) {
    Settings settings = Settings.of(Map.of("FN_TRUSTED_PROXIES", "10.0.0.1," + text));
    assertThatThrownBy(() -> TrustedProxies.from(settings))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_TRUSTED_PROXIES has \"" + text + "\"");
  }

  @Test
  void nobodyIsTrustedByDefault() {
    assertThat(TrustedProxies.from(Settings.of(Map.of()))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1,    https://fn.test/p 203.0.113.9",
    "10.0.0.0/8,   http://own/p 127.0.0.1",
  })
  void handlersSeeWhatTheClientAskedFor(String trusted, String seen) throws Exception {
    EventLoops loops = EventLoops.create(1, "test");
    HttpServer server =
        HttpServer.builder(loops, HttpServerSettings.from(Settings.of(Map.of())))
            .trustedProxies(proxies("x-forwarded", trusted))
            .add(
                "GET",
                "/p",
                exchange -> {
                  HttpRequestHead head = exchange.request();
                  String text =
                      head.url() + " " + Objects.requireNonNull(head.client()).getHostAddress();
                  exchange.respond(
                      new HttpResponse(200, new Headers(), text.getBytes(StandardCharsets.UTF_8)));
                })
            .build();
    server.start();
    try (RawClient client = RawClient.connect(server.port())) {
      client.send(
          "GET /p HTTP/1.1\r\nHost: own\r\nX-Forwarded-For: 203.0.113.9\r\n"
              + "X-Forwarded-Proto: https\r\nX-Forwarded-Host: fn.test\r\n\r\n");
      assertThat(client.read().body()).isEqualTo(seen);
    } finally {
      server.close(Duration.ZERO);
      loops.close();
    }
  }

  private static void add(Headers headers, String name, String value) {
    if (value != null) {
      headers.add(name, value);
    }
  }

  private static TrustedProxies proxies(String style, String networks) {
    return TrustedProxies.from(
            Settings.of(Map.of("FN_TRUSTED_PROXIES", networks, "FN_TRUSTED_PROXY_HEADERS", style)))
        .orElseThrow();
  }

  private static String seen(String style, String peer, Headers headers) throws Exception {
    HttpRequestHead head =
        new HttpRequestHead(
            "GET",
            "/",
            "/",
            Map.of(),
            headers,
            "http",
            "own",
            Caller.ANYONE,
            InetAddress.getByName(peer));
    HttpRequestHead seen = proxies(style, PROXIES).seenThrough(head);
    return Objects.requireNonNull(seen.client()).getHostAddress()
        + " "
        + seen.scheme()
        + "://"
        + seen.host();
  }
}
