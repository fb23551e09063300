package dev.fncluster.api.management;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A place in a list that is ordered by name, then id: behind all items of {@code name}, or behind
 * the one of them that has {@code id}.
 *
 * <p>Clients get the name in base64. Only where a page ends between two items of one name (triggers
 * of different fns) does the text hold the id too, behind a NUL, which no name may contain.
 *
 * @param name the last name that was listed; empty for the start
 * @param id the last id of that name, or empty for all of that name
 */
public record Cursor(String name, String id) {
  /** Before the first item. */
  public static final Cursor START = new Cursor("", "");

  /** Reads what {@link #text()} wrote; the empty text is {@link #START}. */
  static Cursor parse(String text) {
    if (text.indexOf('=') >= 0) {
      throw ManagementErrors.invalidCursor();
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
      // A new decoder reports what is malformed; the constructor of String replaces it.
      String decoded = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      int nul = decoded.indexOf('\0');
      if (nul != decoded.lastIndexOf('\0')) {
        throw ManagementErrors.invalidCursor();
      }
      return nul < 0
          ? new Cursor(decoded, "")
          : new Cursor(decoded.substring(0, nul), decoded.substring(nul + 1));
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw ManagementErrors.invalidCursor();
    }
  }

  /** The form for clients. */
  String text() {
    String decoded = id.isEmpty() ? name : name + '\0' + id;
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(decoded.getBytes(StandardCharsets.UTF_8));
  }
}
