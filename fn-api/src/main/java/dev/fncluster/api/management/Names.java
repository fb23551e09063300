package dev.fncluster.api.management;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** What names may look like. */
final class Names {
  /** The longest name, in bytes of UTF-8. */
  static final int MAX_BYTES = 255;

  // The characters that stand for themselves in one segment of a URL's path.
  private static final Pattern PATH_SEGMENT = Pattern.compile("[A-Za-z0-9\\-_.~$&+=:@]*");

  private Names() {}

  static boolean isTooLong(String name) {
    return name.length() > MAX_BYTES || name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES;
  }

  /** Letters and numbers of any script, {@code _} and {@code -}: apps and triggers. */
  static boolean isWord(String name) {
    return name.codePoints().allMatch(Names::isWordCharacter);
  }

  /** Nothing that a URL's path would have to escape: fns. */
  static boolean isPathSegment(String name) {
    return PATH_SEGMENT.matcher(name).matches();
  }

  private static boolean isWordCharacter(int c) {
    if (c == '_' || c == '-') {
      return true;
    }
    return switch (Character.getType(c)) {
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER,
          Character.DECIMAL_DIGIT_NUMBER,
          Character.LETTER_NUMBER,
          Character.OTHER_NUMBER ->
          true;
      default -> false;
    };
  }
}
