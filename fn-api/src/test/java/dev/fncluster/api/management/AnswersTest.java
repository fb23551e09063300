package dev.fncluster.api.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.error.ServiceException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswersTest {
  private static final String START = "{\"name\":\"app\",\"config\":{\"KEY\":\"";
  private static final String END = "\"}}";

  /**
   * A lone continuation, a cut sequence, an overlong slash, a surrogate, past the last character.
   */
  @ParameterizedTest
  @ValueSource(strings = {"80", "ff", "e282", "c0af", "eda080", "f4908080"})
  void refusesBytesThatAreNoUtf8(String hex) {
    String latin = new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
    byte[] body = (START + latin + END).getBytes(StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> Answers.parse(body, ResourceReader::app))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(400))
        .hasMessage("Invalid JSON");
  }

  @Test
  void takesEveryCharacter() {
    String value = "\u00e9\u20ac\ufffd\ud83d\ude00";
    byte[] body = (START + value + END).getBytes(StandardCharsets.UTF_8);

    assertThat(Answers.parse(body, ResourceReader::app).config()).isEqualTo(Map.of("KEY", value));
  }
}
