package dev.fncluster.api.management;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Checks what a client sends more strictly than what other nodes and the store send is checked: a
 * request that can be read in two ways, or whose texts can't be kept as they are, is refused.
 */
final class RequestJson {
  private static final JsonFactory STRICT =
      JsonValues.FACTORY
          .rebuild()
          .configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION, true)
          .build();

  private RequestJson() {}

  /**
   * Checks the first value of {@code text}; whatever follows it is not looked at.
   *
   * @throws IllegalArgumentException when the text is no valid JSON, is nested too deeply, or names
   *     a member twice; the members of the resource itself are the same in any case
   * @throws dev.fncluster.api.error.ServiceException 400 when a name or text in it holds U+0000 or
   *     half of a surrogate pair, which no store and no environment of a container takes
   */
  static void check(String text) {
    Set<String> members = new HashSet<>();
    try (JsonParser json = STRICT.createParser(text)) {
      int depth = 0;
      do {
        JsonToken token = json.nextToken();
        if (token == null) {
          return;
        }
        switch (token) {
          case START_OBJECT, START_ARRAY -> depth++;
          case END_OBJECT, END_ARRAY -> depth--;
          case FIELD_NAME -> {
            String name = json.currentName();
            if (depth == 1 && !members.add(name.toLowerCase(Locale.ROOT))) {
              throw new IllegalArgumentException("a member is named twice");
            }
            checkText(name);
          }
          case VALUE_STRING -> checkText(json.getText());
          default -> {}
        }
      } while (depth > 0);
    } catch (IOException e) {
      throw new IllegalArgumentException("no valid JSON: " + e.getMessage(), e);
    }
  }

  private static void checkText(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (pair) {
        i++;
      } else if (c == 0 || Character.isSurrogate(c)) {
        throw ManagementErrors.badCharacter();
      }
    }
  }
}
