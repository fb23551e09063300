package dev.fncluster.api.model;

import java.nio.charset.StandardCharsets;

/**
 * The values of headers as text: bytes beyond ASCII are taken for UTF-8, as everybody sends them.
 */
public final class HeaderValues {
  private HeaderValues() {}

  /**
   * What a value says that was decoded byte by byte (ISO 8859-1); what is not UTF-8 of it is
   * replaced.
   */
  public static String fromBytes(String bytes) {
    for (int i = 0; i < bytes.length(); i++) {
      if (bytes.charAt(i) > 0x7F) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
      }
    }
    return bytes;
  }
}
