package dev.fncluster.api.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class CursorTest {
  @Test
  void isTheNameInBase64() {
    assertThat(new Cursor("myapp", "").text()).isEqualTo("bXlhcHA");
    assertThat(Cursor.parse("bXlhcHA")).isEqualTo(new Cursor("myapp", ""));
    assertThat(Cursor.parse("")).isEqualTo(Cursor.START);
    for (Cursor each : List.of(new Cursor("日本>?", ""), new Cursor("name", "id"))) {
      assertThat(Cursor.parse(each.text())).isEqualTo(each);
    }
  }

  @Test
  void nothingElseIsACursor() {
    for (String wrong : List.of("!!!", "bDI=", "a", "a/b+", "____", "gICA")) {
      assertThatThrownBy(() -> Cursor.parse(wrong))
          .as(wrong)
          .hasMessageStartingWith("Invalid cursor");
    }
  }
}
