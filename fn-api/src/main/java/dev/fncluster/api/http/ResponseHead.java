package dev.fncluster.api.http;

import dev.fncluster.api.model.Headers;
import dev.fncluster.api.model.HopByHop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/** Writes the heads of answers, byte by byte. Stateless. */
final class ResponseHead {
  private static final byte[][] STATUS_LINES = statusLines();
  private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
  private static final byte[] LINE_END = ascii("\r\n");
  private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
  private static final byte[] CLOSE = ascii("Connection: close\r\n");
  private static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");
  private static final byte[] CONTINUE = ascii("HTTP/1.1 100 Continue\r\n\r\n");

  private ResponseHead() {}

  static void status(ByteBuf out, int status) {
    out.writeBytes(STATUS_LINES[status]);
  }

  /** Whether an answer of that status has a length, and a body unless it answers HEAD. */
  static boolean mayHaveLength(int status) {
    return status != 204 && status != 304;
  }

  static void contentLength(ByteBuf out, long length) {
    out.writeBytes(CONTENT_LENGTH);
    ByteBufUtil.writeAscii(out, Long.toString(length));
    out.writeBytes(LINE_END);
  }

  static void chunked(ByteBuf out) {
    out.writeBytes(CHUNKED);
  }

  static void close(ByteBuf out) {
    out.writeBytes(CLOSE);
  }

  static void keepAlive(ByteBuf out) {
    out.writeBytes(KEEP_ALIVE);
  }

  static void continueInterim(ByteBuf out) {
    out.writeBytes(CONTINUE);
  }

  static void lineEnd(ByteBuf out) {
    out.writeBytes(LINE_END);
  }

  /** Whether the server makes that header itself, or nobody may pass it on. */
  static boolean isOwn(String canonicalName, String value) {
    return canonicalName.equals("Content-Length") || HopByHop.matches(canonicalName, value);
  }

  /** Writes a header; a name that HTTP does not allow is left out. */
  static void header(ByteBuf out, String name, String value) {
    if (!isToken(name)) {
      return;
    }
    ByteBufUtil.writeAscii(out, name);
    out.writeByte(':').writeByte(' ');
    if (isPlain(value)) {
      ByteBufUtil.writeAscii(out, value);
    } else {
      out.writeCharSequence(harmless(value), StandardCharsets.UTF_8);
    }
    out.writeBytes(LINE_END);
  }

  /** Writes those headers that are neither the server's own nor in {@code overriding}. */
  static void headers(ByteBuf out, Headers headers, Headers overriding) {
    for (int i = 0; i < headers.size(); i++) {
      String name = headers.name(i);
      String value = headers.value(i);
      if (!isOwn(name, value) && !contains(overriding, name)) {
        header(out, name, value);
      }
    }
  }

  static boolean contains(Headers headers, String canonicalName) {
    for (int i = 0; i < headers.size(); i++) {
      if (headers.name(i).equals(canonicalName)) {
        return true;
      }
    }
    return false;
  }

  static boolean isToken(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c <= ' ' || c >= 0x7F || "()<>@,;:\\\"/[]?={}".indexOf(c) >= 0) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  static boolean isPlain(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c >= 0x7F) {
        return false;
      }
    }
    return true;
  }

  // Line breaks in a value would let it make up headers, or a whole answer.
  static String harmless(String value) {
    StringBuilder out = new StringBuilder(value.length());
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      out.append((c < ' ' && c != '\t') || c == 0x7F ? ' ' : c);
    }
    return out.toString();
  }

  private static byte[][] statusLines() {
    byte[][] lines = new byte[600][];
    for (int status = 100; status < lines.length; status++) {
      String reason = HttpResponseStatus.valueOf(status).reasonPhrase();
      lines[status] = ascii("HTTP/1.1 " + status + " " + reason + "\r\n");
    }
    return lines;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
