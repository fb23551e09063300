package dev.fncluster.runner.function;

import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.HeaderValues;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.model.HopByHop;
import dev.fncluster.api.model.Timestamps;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.time.Instant;

/** How a call is put to its function. */
final class FunctionRequest {
  /** The path of every request. */
  static final String PATH = "/call";

  private static final AsciiString LOCALHOST = AsciiString.cached("localhost");

  private FunctionRequest() {}

  /**
   * The headers of the request: those of the call that may be passed on, and ours.
   *
   * @throws IllegalArgumentException when a header of the call has a name or value that HTTP does
   *     not allow
   */
  static HttpHeaders headers(Call call, Instant deadline) {
    HttpHeaders out = DefaultHttpHeadersFactory.headersFactory().newHeaders();
    out.add(HttpHeaderNames.HOST, LOCALHOST);
    out.add(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    Headers in = call.headers();
    for (int i = 0; i < in.size(); i++) {
      String name = in.name(i);
      String value = in.value(i);
      if (!isOurs(name) && !HopByHop.matches(name, value)) {
        out.add(name, HeaderValues.toBytes(value));
      }
    }
    out.add(HeaderNames.CALL_ID, call.id());
    out.add(HeaderNames.DEADLINE, Timestamps.formatSeconds(deadline));
    if (call.trace().isOn()) {
      // In the place of what the client wrote, whose span is above it.
      call.trace().write(out::set);
    }
    return out;
  }

  private static boolean isOurs(String name) {
    return switch (name) {
      case HeaderNames.CONTENT_LENGTH, "Host", HeaderNames.CALL_ID, HeaderNames.DEADLINE -> true;
      default -> false;
    };
  }
}
