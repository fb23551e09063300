package dev.fncluster.runner.function;

import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.model.HopByHop;
import dev.fncluster.api.model.Timestamps;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * How a call is put to its function: HTTP/1.1 with a body in chunks, however its client has sent
 * it. Stateless.
 */
final class FunctionRequest {
  private static final byte[] BEGINNING =
      ascii("POST /call HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n");
  private static final byte[] LINE_END = ascii("\r\n");

  private FunctionRequest() {}

  /**
   * Writes the head of the request: the headers of the call that may be passed on, and ours.
   *
   * @throws IllegalArgumentException when a header of the call has a name or value that HTTP does
   *     not allow; some of the head may be written then
   */
  static void head(ByteBuf out, Call call, Instant deadline) {
    boolean traced = call.trace().isOn();
    Headers headers = traced ? call.headers().copy() : call.headers();
    if (traced) {
      // In the place of what the client wrote, whose span is above it.
      call.trace().write(headers::set);
    }
    out.writeBytes(BEGINNING);
    for (int i = 0; i < headers.size(); i++) {
      String name = headers.name(i);
      String value = headers.value(i);
      if (!isOurs(name) && !HopByHop.matches(name, value)) {
        header(out, name, value);
      }
    }
    header(out, HeaderNames.CALL_ID, call.id());
    header(out, HeaderNames.DEADLINE, Timestamps.formatSeconds(deadline));
    out.writeBytes(LINE_END);
  }

  private static boolean isOurs(String name) {
    return switch (name) {
      case HeaderNames.CONTENT_LENGTH, "Host", HeaderNames.CALL_ID, HeaderNames.DEADLINE -> true;
      default -> false;
    };
  }

  private static void header(ByteBuf out, String name, String value) {
    if (name.isEmpty() || HttpHeaderValidationUtil.validateToken(name) >= 0) {
      throw new IllegalArgumentException("a name has a character that no name may have");
    }
    ByteBufUtil.writeAscii(out, name);
    out.writeByte(':').writeByte(' ');
    if (isAscii(name, value)) {
      ByteBufUtil.writeAscii(out, value);
    } else {
      out.writeCharSequence(value, StandardCharsets.UTF_8);
    }
    out.writeBytes(LINE_END);
  }

  /** Whether {@code value} is ASCII; fails if it could make up further lines. */
  private static boolean isAscii(String name, String value) {
    boolean ascii = true;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7F) {
        throw new IllegalArgumentException("the value of " + name + " has a control character");
      }
      ascii &= c < 0x7F;
    }
    return ascii;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
