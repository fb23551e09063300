package dev.fncluster.api.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResourceJsonTest {
  private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.678Z");

  @Test
  void readsBackWhatItWrote() {
    App app =
        new App(
            "a", "n<&>", Map.of("k", "\u2028\"\\\n𝒜"), Map.of("x", "\"<\""), "", "S", THEN, THEN);
    Fn fn =
        new Fn("f", "n", "a", "i", 1, 2, 3, Map.of("k", ""), Map.of("x", "1e400"), "S", THEN, null);
    Trigger trigger =
        new Trigger("t", "n", "a", "f", null, THEN, "http", "/<x>", Map.of("x", "[ ]".strip()));

    assertThat(ResourceReader.app(ResourceWriter.app(app))).isEqualTo(app);
    assertThat(ResourceReader.fn(ResourceWriter.fn(fn))).isEqualTo(fn);
    assertThat(ResourceReader.trigger(ResourceWriter.trigger(trigger)).source()).isEqualTo("/<x>");
    assertThat(ResourceReader.firstApp(ResourceWriter.apps(List.of(app), "c"))).contains(app);
  }

  @Test
  void escapesForHtmlEverywhere() {
    App app = new App("", "", Map.of("<", "&"), Map.of("k", "\"<>\""), "a&b\u2029", "", null, null);

    assertThat(ResourceWriter.app(app))
        .contains("{\"\\u003c\":\"\\u0026\"}", "\"\\u003c\\u003e\"", "\"a\\u0026b\\u2029\"")
        .doesNotContain("<", ">", "&");
  }

  @Test
  void writesEmptyOnesInTheKnownOrder() {
    Trigger trigger = new Trigger("", "", "", "", null, null, "", "", Map.of());

    assertThat(ResourceWriter.trigger(trigger))
        .isEqualTo(
            "{\"id\":\"\",\"name\":\"\",\"app_id\":\"\",\"fn_id\":\"\","
                + "\"created_at\":\"0001-01-01T00:00:00.000Z\","
                + "\"updated_at\":\"0001-01-01T00:00:00.000Z\",\"type\":\"\",\"source\":\"\"}");
    assertThat(ResourceWriter.triggers(List.of(), "")).isEqualTo("{\"items\":[]}");
  }

  @Test
  void sortsKeysByTheirBytes() {
    assertThat(ResourceWriter.config(Map.of("\uffee", "", "𝒜", "", "a", "", "B", "")))
        .isEqualTo("{\"B\":\"\",\"a\":\"\",\"\uffee\":\"\",\"𝒜\":\"\"}");
  }

  @Test
  void keepsTheSpellingOfAnnotations() {
    App app =
        ResourceReader.app("{\"annotations\":{\"k\": { \"b\" : 1.50, \"a\":[ 1e2, null ] }}}");

    assertThat(app.annotations()).isEqualTo(Map.of("k", "{\"b\":1.50,\"a\":[1e2,null]}"));
  }

  @Test
  void theLastOfEqualKeysCounts() {
    assertThat(ResourceReader.app("{\"name\":\"a\",\"NAME\":\"b\"}").name()).isEqualTo("b");
  }

  @Test
  void refusesWhatIsTooDeep() {
    String deep = "{\"annotations\":{\"k\":" + "[".repeat(300) + "]".repeat(300) + "}}";

    assertThatThrownBy(() -> ResourceReader.app(deep)).isInstanceOf(IllegalArgumentException.class);
  }
}
