package dev.fncluster.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reader that knows a fn and one that does not must not differ in anything. */
final class CallReaderTest {
  private static final String KEY = "00ff";

  private final CallReader reader = new CallReader();

  @Test
  void readsCallsOfAKnownFnAsAParserDoes() {
    for (Call call : List.of(FullCalls.full(), FullCalls.small(), new Call())) {
      String json = CallJson.write(call);
      reader.read(json, KEY);
      Call read = reader.read(json, KEY);
      assertThat(CallJson.write(read)).isEqualTo(json);
      assertThat(read.headers()).isEqualTo(CallJson.read(json).headers());
    }
  }

  @Test
  void knowsTheFnOfACallThatItHasRead() {
    Call first = reader.read(CallJson.write(FullCalls.full()), KEY);
    Call second = reader.read(CallJson.write(FullCalls.full().id("2").triggerId("")), KEY);
    Call third = reader.read(CallJson.write(FullCalls.full().id("3").method("")), KEY);

    assertThat(second.config()).isEqualTo(first.config());
    assertThat(third.config()).isSameAs(second.config());
    assertThat(third.annotations()).isSameAs(second.annotations());
    assertThat(third.id()).isEqualTo("3");
    assertThat(third.method()).isEmpty();
    assertThat(second.triggerId()).isEmpty();
  }

  @Test
  void goesByTheTextAndNotByTheKey() {
    Call one = FullCalls.full();
    Call other = FullCalls.full().config(Map.of("A", "2")).fnId("other");
    for (Call call : List.of(one, one, other, other, one, FullCalls.small())) {
      assertThat(CallJson.write(reader.read(CallJson.write(call), KEY)))
          .isEqualTo(CallJson.write(call));
    }
  }

  @Test
  void forgetsWhatIsNoLongerThere() {
    String json = CallJson.write(FullCalls.full());
    Map<String, String> known = knownConfig(json, KEY);
    assertThat(reader.read(json, KEY).config()).isSameAs(known);
    String large = "v".repeat(20_000);
    for (int i = 0; i < 1_000; i++) {
      String other = CallJson.write(FullCalls.small().config(Map.of("K", large)).fnId("" + i));
      reader.read(other, "key-" + i);
      reader.read(other, "key-" + i);
    }
    assertThat(reader.rememberedCharacters()).isPositive().isLessThan(3 * 1024 * 1024);
  }

  private Map<String, String> knownConfig(String json, String key) {
    reader.read(json, key);
    return reader.read(json, key).config();
  }

  /** Each character in turn is taken away, made another, or has one put before it. */
  @Test
  void readsWhatIsNearlyOfAKnownFnAsAParserDoesOrNotAtAll() {
    for (Call call : List.of(FullCalls.full(), FullCalls.small(), new Call())) {
      String json = CallJson.write(call);
      SharedFields known = SharedFields.of(call);
      for (int at = 0; at < json.length(); at++) {
        String before = json.substring(0, at);
        String after = json.substring(at + 1);
        assertSameOrNothing(before, known);
        for (String put : List.of("", " ", "\"", "\\", ",", "}", "]", "0", "\n", "x", "\u00fc")) {
          assertSameOrNothing(before + put + json.charAt(at) + after, known);
          assertSameOrNothing(before + put + after, known);
        }
      }
      assertSameOrNothing(json + " ", known);
    }
  }

  private static void assertSameOrNothing(String text, SharedFields known) {
    Call read = OwnForm.read(text, known);
    if (read != null) {
      Call parsed = CallJson.read(text);
      assertThat(CallJson.write(read)).as(text).isEqualTo(CallJson.write(parsed));
      assertThat(read.headers()).as(text).isEqualTo(parsed.headers());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "null",
        "",
        "[]",
        "{\"fn_id\":\"f\",\"ID\":\"x\",\"memory\":1,\"other\":[1]}",
        "{\"id\":\"1\",\"status\":\"\",\"headers\":{\"A\":[],\"b\":null,\"A\":[\"1\",null]}}"
      })
  void readsOtherFormsAsAParserDoes(String text) {
    assertSame(text);
    assertSame(text);
  }

  @Test
  void remembersAlsoWhatCanNotBeWritten() {
    String json = "{\"config\":{\"A\":\"\\ud800\"},\"fn_id\":\"f\"}";
    for (int i = 0; i < 2; i++) {
      assertThat(reader.read(json, KEY).config()).containsEntry("A", "\ud800");
    }
  }

  @Test
  void readsDatesThatThereAreNotAsAParserDoes() {
    String json = CallJson.write(FullCalls.small());
    reader.read(json, KEY);
    String february = json.replace("2026-11-24T", "2026-02-30T");
    assertThatThrownBy(() -> reader.read(february, KEY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(failure(february));
    assertSame(json.replace("25.952Z", "25Z"));
    assertSame(json.replace("25.952Z", "25.9520+02:00"));
  }

  private void assertSame(String text) {
    String expected = failure(text);
    if (expected != null) {
      assertThatThrownBy(() -> reader.read(text, KEY)).as(text).hasMessage(expected);
      return;
    }
    Call parsed = CallJson.read(text);
    Call read = reader.read(text, KEY);
    assertThat(CallJson.write(read)).as(text).isEqualTo(CallJson.write(parsed));
    assertThat(read.headers()).as(text).isEqualTo(parsed.headers());
  }

  private static @Nullable String failure(String text) {
    try {
      CallJson.read(text);
      return null;
    } catch (IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
