package dev.fncluster.api.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnnotationsTest {
  @Test
  void takesKeysOfPrintableCharacters() {
    for (String key :
        List.of("ok", "k".repeat(128), "fnproject/internal/foo", "foo$bar!_+-[]:@/<>$")) {
      assertThatCode(() -> Annotations.validate(Map.of(key, "1"))).doesNotThrowAnyException();
    }
    for (String key : List.of("", " ", "é", "foo bar", "a\n", "é".repeat(129))) {
      refused(Map.of(key, "1"), "Invalid annotation key,");
    }
    refused(Map.of("k".repeat(129), "1"), "Invalid annotation key length,");
  }

  @Test
  void takesAnyValueButNothing() {
    for (String value : List.of("1", "true", "{}", "[]", "\"" + "v".repeat(510) + "\"")) {
      assertThatCode(() -> Annotations.validate(Map.of("k", value))).doesNotThrowAnyException();
    }
    refused(Map.of("k", "\"\""), "Invalid annotation value,");
    refused(Map.of("k", "null"), "Invalid annotation value,");
    refused(Map.of("k", "\"" + "v".repeat(511) + "\""), "Invalid annotation value length,");
    refused(Map.of("k", "\"" + "é".repeat(256) + "\""), "Invalid annotation value length,");
  }

  @Test
  void countsAfterTheSingleChecks() {
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < 101; i++) {
      many.put("k" + i, "1");
    }
    refused(many, "Invalid annotation change,");
    many.put("z", "null");
    refused(many, "Invalid annotation value,");
  }

  @Test
  void mergesByKey() {
    Map<String, String> stored = Map.of("keep", "1", "replace", "1", "empty", "1", "null", "1");
    Map<String, String> patch =
        Map.of("replace", "[2]", "empty", "\"\"", "null", "null", "absent", "\"\"", "new", "{}");

    assertThat(Annotations.merge(stored, patch))
        .isEqualTo(Map.of("keep", "1", "replace", "[2]", "new", "{}"));
    assertThat(Annotations.merge(stored, Map.of())).isEqualTo(stored);
  }

  private static void refused(Map<String, String> annotations, String message) {
    assertThatThrownBy(() -> Annotations.validate(annotations)).hasMessageStartingWith(message);
  }
}
