package dev.fncluster.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadersTest {
  @ParameterizedTest
  @CsvSource({
    "content-type,Content-Type",
    "CONTENT-TYPE,Content-Type",
    "x-b3-traceid,X-B3-Traceid",
    "fn-http-h-x,Fn-Http-H-X",
    "MYREALHEADER,Myrealheader",
    "X_y,X_y",
    "with blank,with blank",
    "TE,Te"
  })
  void canonicalNames(String name, String canonical) {
    assertThat(HeaderNames.canonical(name)).isEqualTo(canonical);
  }

  @Test
  void keepsSeveralValuesInOrder() {
    Headers headers = new Headers().add("x-a", "1").add("Other", "o").add("X-A", "2");
    assertThat(headers.all("X-a")).containsExactly("1", "2");
    assertThat(headers.toMap()).containsEntry("X-A", List.of("1", "2")).hasSize(2);
  }

  @Test
  void setReplacesAllValues() {
    Headers headers = new Headers().add("X-A", "1").add("B", "b").add("X-A", "2").set("x-a", "3");
    assertThat(headers.all("X-A")).containsExactly("3");
    assertThat(headers.first("B")).isEqualTo("b");
  }

  @Test
  void removeTakesAllValues() {
    Headers headers = new Headers().add("X-A", "1").add("X-A", "2").remove("x-a");
    assertThat(headers.contains("X-A")).isFalse();
    assertThat(headers.size()).isZero();
  }

  @Test
  void hopByHop() {
    assertThat(HopByHop.matches("Connection", "close")).isTrue();
    assertThat(HopByHop.matches("Te", "gzip")).isTrue();
    assertThat(HopByHop.matches("Te", "trailers")).isFalse();
    assertThat(HopByHop.matches("Content-Type", "text/plain")).isFalse();
  }

  @Test
  void textShowsNoValues() {
    assertThat(new Headers().add("Authorization", "secret").toString()).doesNotContain("secret");
  }
}
