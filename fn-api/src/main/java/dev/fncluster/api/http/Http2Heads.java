package dev.fncluster.api.http;

import dev.fncluster.api.auth.Caller;
import dev.fncluster.api.model.HeaderValues;
import dev.fncluster.api.model.Headers;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Heads of HTTP/2 from and to the form that handlers know. Stateless. */
final class Http2Heads {
  private Http2Heads() {}

  /**
   * The target of a request.
   *
   * @return null when it is malformed or the request does not say to whom it is
   */
  static @Nullable RequestTarget target(Http2Headers headers) {
    CharSequence path = headers.path();
    String host = host(headers);
    if (path == null
        || headers.scheme() == null
        || !isMethod(headers.method())
        || host.isEmpty()
        || !RequestTarget.isAuthority(host)) {
      return null;
    }
    String raw = path.toString();
    return raw.startsWith("/") || raw.equals("*") ? RequestTarget.parse(raw) : null;
  }

  private static boolean isMethod(@Nullable CharSequence method) {
    return method != null && method.length() > 0 && ResponseHead.isToken(method.toString());
  }

  /** The length of the body as announced, or -1. */
  static long length(Http2Headers headers) {
    // The codec has seen to it that this is a number, and holds the body to it.
    CharSequence text = headers.get("content-length");
    return text == null ? -1 : Long.parseLong(text.toString());
  }

  static HttpRequestHead request(
      Http2Headers message,
      RequestTarget target,
      Router.Match match,
      String scheme,
      @Nullable InetAddress client) {
    CharSequence method = message.method();
    return new HttpRequestHead(
        method == null ? "" : method.toString(),
        target.uri(),
        target.path(),
        match instanceof Router.Match.Found found ? found.parameters() : Map.of(),
        headers(message),
        scheme,
        host(message),
        Caller.ANYONE,
        client);
  }

  static Http2Headers response(
      int status, Headers headers, Headers overriding, Headers adding, long length, HttpDate date) {
    Http2Headers out = new DefaultHttp2Headers(false, headers.size() + 4);
    out.status(Integer.toString(status));
    for (int i = 0; i < headers.size(); i++) {
      if (!ResponseHead.contains(overriding, headers.name(i))) {
        add(out, headers.name(i), headers.value(i));
      }
    }
    overriding.forEach((name, value) -> add(out, name, value));
    adding.forEach((name, value) -> add(out, name, value));
    if (length >= 0 && ResponseHead.mayHaveLength(status)) {
      out.add("content-length", Long.toString(length));
    }
    if (!headers.contains("Date")) {
      out.add("date", date.text());
    }
    return out;
  }

  private static void add(Http2Headers out, String name, String value) {
    if (ResponseHead.isOwn(name, value) || !ResponseHead.isToken(name)) {
      return;
    }
    CharSequence plain =
        ResponseHead.isPlain(value)
            ? value
            : new AsciiString(ResponseHead.harmless(value).getBytes(StandardCharsets.UTF_8), false);
    out.add(name.toLowerCase(Locale.ROOT), plain);
  }

  private static Headers headers(Http2Headers message) {
    Headers headers = new Headers(message.size() + 4);
    StringBuilder cookies = null;
    for (Map.Entry<CharSequence, CharSequence> each : message) {
      String name = each.getKey().toString();
      if (name.startsWith(":") || RequestHeads.isConsumedHere(name)) {
        continue;
      }
      String value = HeaderValues.fromBytes(each.getValue().toString());
      if (!name.equals("cookie")) {
        headers.add(name, value);
      } else if (cookies == null) {
        cookies = new StringBuilder(value);
      } else {
        cookies.append("; ").append(value);
      }
    }
    if (cookies != null) {
      headers.add("Cookie", cookies.toString());
    }
    return headers;
  }

  private static String host(Http2Headers message) {
    CharSequence authority = message.authority();
    CharSequence host = authority == null ? message.get("host") : authority;
    return host == null ? "" : host.toString();
  }
}
