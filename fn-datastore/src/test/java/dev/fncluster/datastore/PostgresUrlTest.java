package dev.fncluster.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.settings.SettingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresUrlTest {
  @Test
  void takesAllPartsApart() {
    PostgresUrl url =
        PostgresUrl.parse(
            "postgres://us%40er:p+w%2F:x@one:5432,[::1]:5433/db?sslmode=disable&connect_timeout=3",
            "masked");

    assertThat(url.user()).isEqualTo("us@er");
    assertThat(url.password()).isEqualTo("p+w/:x");
    assertThat(url.hosts()).isEqualTo("one:5432,[::1]:5433");
    assertThat(url.database()).isEqualTo("db");
    assertThat(url.options())
        .containsEntry("sslmode", "disable")
        .containsEntry("connectTimeout", "3");
    assertThat(url).hasToString("postgres://us@er@one:5432,[::1]:5433/db");
  }

  @Test
  void encryptsUnlessToldOtherwise() {
    PostgresUrl url = PostgresUrl.parse("postgresql://host/db", "masked");

    assertThat(url.options()).containsEntry("sslmode", "require");
    assertThat(url.user()).isEmpty();
    assertThat(url.password()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgres://",
        "postgres://host",
        "postgres://u:secret@/db",
        "postgres://u:secret@host/",
        "postgres://u:secret%zz@host/db"
      })
  void refusesWhatLacksAPart(String url) {
    assertThatThrownBy(() -> PostgresUrl.parse(url, "postgres://u:***@host"))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("storage url postgres://u:***@host can't be used (")
        .hasMessageNotContaining("secret");
  }
}
