package dev.fncluster.api.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NamesTest {
  @Test
  void wordsAreLettersAndNumbersOfAnyScript() {
    assertThat(List.of("valid_name-101", "日本", "٣Ⅷ½", "𝒜", "ǅ", "ʰ")).allMatch(Names::isWord);
    assertThat(List.of("a.b", "a b", "a/b", "e\u0301", "\ud800", "\u0000", "a\n", "€"))
        .noneMatch(Names::isWord);
  }

  @Test
  void pathSegmentsNeedNoEscape() {
    assertThat(List.of("AZaz09", "-_.~$&+=:@")).allMatch(Names::isPathSegment);
    assertThat(List.of(" ", "/", ";", ",", "?", "#", "%", "!", "*", "'", "(", "[", "é", "a\n"))
        .noneMatch(Names::isPathSegment);
  }

  @Test
  void lengthCountsBytes() {
    assertThat(Names.isTooLong("x".repeat(255))).isFalse();
    assertThat(Names.isTooLong("x".repeat(256))).isTrue();
    assertThat(Names.isTooLong("é".repeat(127))).isFalse();
    assertThat(Names.isTooLong("é".repeat(128))).isTrue();
    assertThat(Names.isTooLong("𝒜".repeat(63))).isFalse();
    assertThat(Names.isTooLong("𝒜".repeat(64))).isTrue();
  }
}
