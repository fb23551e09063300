package dev.fncluster.api.http;

import dev.fncluster.api.auth.Caller;
import dev.fncluster.api.model.HeaderValues;
import dev.fncluster.api.model.Headers;
import io.netty.channel.Channel;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges the heads of requests and puts them into the form that handlers get. Stateless. */
final class RequestHeads {
  private static final Set<String> KNOWN_METHODS =
      Set.of("GET", "POST", "PUT", "PATCH", "HEAD", "OPTIONS", "DELETE", "CONNECT", "TRACE");

  private RequestHeads() {}

  /** Whether HTTP defines that method. */
  static boolean isKnownMethod(String method) {
    return KNOWN_METHODS.contains(method);
  }

  /** Whether the client wants something of us that we don't know. HTTP/1.0 has no such thing. */
  static boolean hasUnknownExpectation(HttpRequest message) {
    String expected = message.headers().get("Expect");
    return expected != null
        && !expected.equalsIgnoreCase("100-continue")
        && !message.protocolVersion().equals(HttpVersion.HTTP_1_0);
  }

  static HttpRequestHead of(
      HttpRequest message,
      RequestTarget target,
      Router.Match match,
      String scheme,
      @Nullable InetAddress client) {
    return new HttpRequestHead(
        message.method().name(),
        target.uri(),
        target.path(),
        match instanceof Router.Match.Found found ? found.parameters() : Map.of(),
        headersOf(message),
        scheme,
        host(message, target),
        Caller.ANYONE,
        client);
  }

  /** Where the other end of a connection is, or null where it has no such address. */
  static @Nullable InetAddress addressOf(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress address
        ? address.getAddress()
        : null;
  }

  /** The status with which a request that can't be served is refused, or 0. */
  static int refusal(HttpRequest message) {
    HttpVersion version = message.protocolVersion();
    boolean old = version.equals(HttpVersion.HTTP_1_0);
    if (!old && !version.equals(HttpVersion.HTTP_1_1)) {
      return 505;
    }
    List<String> hosts = message.headers().getAll("Host");
    if (hosts.isEmpty() ? !old : hosts.size() > 1 || !RequestTarget.isAuthority(hosts.get(0))) {
      return 400;
    }
    List<String> encodings = message.headers().getAll("Transfer-Encoding");
    if (encodings.isEmpty()) {
      return 0;
    }
    boolean chunked = encodings.size() == 1 && encodings.get(0).strip().equalsIgnoreCase("chunked");
    return chunked && !old ? 0 : 400;
  }

  static int statusOf(Throwable cause) {
    return cause instanceof TooLongFrameException ? 431 : 400;
  }

  private static String host(HttpRequest message, RequestTarget target) {
    String authority = target.authority();
    return authority != null
        ? authority
        : Objects.requireNonNullElse(message.headers().get("Host"), "");
  }

  private static Headers headersOf(HttpRequest message) {
    Headers headers = new Headers(message.headers().size() + 4);
    Iterator<Map.Entry<CharSequence, CharSequence>> all = message.headers().iteratorCharSequence();
    while (all.hasNext()) {
      Map.Entry<CharSequence, CharSequence> each = all.next();
      String name = each.getKey().toString();
      if (!isConsumedHere(name)) {
        headers.add(name, HeaderValues.fromBytes(each.getValue().toString()));
      }
    }
    return headers;
  }

  static boolean isConsumedHere(String name) {
    return switch (name.length()) {
      case 4 -> name.equalsIgnoreCase("Host");
      case 6 -> name.equalsIgnoreCase("Expect");
      case 17 -> name.equalsIgnoreCase("Transfer-Encoding");
      default -> false;
    };
  }
}
