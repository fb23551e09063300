package dev.fncluster.api.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Writes what stands around the pieces of a body whose length was not told before. Stateless. */
public final class Chunks {
  private static final byte[] HEX = ascii("0123456789abcdef");
  private static final byte[] LINE_END = ascii("\r\n");
  private static final byte[] END_OF_BODY = ascii("0\r\n\r\n");

  private Chunks() {}

  /**
   * Writes what stands before a piece.
   *
   * @param length of the piece in bytes, at least 1
   */
  public static void begin(ByteBuf out, int length) {
    int digits = (35 - Integer.numberOfLeadingZeros(length)) / 4;
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
      out.writeByte(HEX[length >>> shift & 15]);
    }
    out.writeBytes(LINE_END);
  }

  /** Writes what stands behind a piece. */
  public static void end(ByteBuf out) {
    out.writeBytes(LINE_END);
  }

  /** Writes what stands behind the last piece's end, or for a body that has none. */
  public static void endOfBody(ByteBuf out) {
    out.writeBytes(END_OF_BODY);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
