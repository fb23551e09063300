package dev.fncluster.api.model;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/**
 * What stands in the head of an HTTP message is bytes, and text in UTF-8 if it is not ASCII. The
 * decoders of Netty make a character of each byte, and its encoders a question mark of each
 * character that is not ASCII: what goes through them is to be put right.
 */
public final class HeaderValues {
  private HeaderValues() {}

  /** The text of which a decoder has read the bytes. */
  public static String fromBytes(String decoded) {
    return isAscii(decoded)
        ? decoded
        : new String(decoded.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** What an encoder writes as the bytes of {@code text}. */
  public static CharSequence toBytes(String text) {
    return isAscii(text) ? text : new AsciiString(text.getBytes(StandardCharsets.UTF_8), false);
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0x7F) {
        return false;
      }
    }
    return true;
  }
}
