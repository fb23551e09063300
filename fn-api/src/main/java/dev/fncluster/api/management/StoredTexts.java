package dev.fncluster.api.management;

/** What the columns of the stores have room for. */
final class StoredTexts {
  /** The longest image or source, in characters (code points). */
  static final int MAX_CHARACTERS = 256;

  private StoredTexts() {}

  static boolean isTooLong(String text) {
    return text.codePointCount(0, text.length()) > MAX_CHARACTERS;
  }
}
