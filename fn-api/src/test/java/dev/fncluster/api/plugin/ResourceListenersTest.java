package dev.fncluster.api.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.model.Trigger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Annotators that misbehave. */
final class ResourceListenersTest {
  private static final HttpRequestHead REQUEST =
      new HttpRequestHead("GET", "/v2/fns", "/v2/fns", Map.of(), new Headers(), "http", "h");
  private static final Fn FN =
      new Fn("f", "f", "a", "i", 64L, 10, 30, Map.of(), Map.of(), "", null, null);
  private static final Trigger TRIGGER =
      new Trigger("t", "t", "a", "f", null, null, "http", "/s", Map.of());

  private final CountDownLatch never = new CountDownLatch(1);

  private ResourceListeners misbehaving(String how) {
    return new ResourceListeners(
        List.of(),
        List.of(),
        List.of(),
        (request, fn) -> misbehave(how, fn),
        (request, appName, trigger) -> misbehave(how, trigger),
        new ExtensionRunner(Duration.ofSeconds(2)));
  }

  @SuppressWarnings("NullAway") // What a plugin compiled without checks may do.
  private <T> T misbehave(String how, T value) throws Exception {
    return switch (how) {
      case "throws" -> throw new NoSuchMethodError("other version");
      case "null" -> null;
      case "hangs" -> {
        never.await();
        yield value;
      }
      default -> value;
    };
  }

  @Test
  void annotatorsThatMisbehaveFailTheirAnswer() {
    for (String how : List.of("throws", "null", "hangs")) {
      ResourceListeners listeners = misbehaving(how);
      assertFails(() -> listeners.annotate(REQUEST, FN));
      assertFails(() -> listeners.annotate(REQUEST, "app", TRIGGER));
    }
    assertThat(misbehaving("well").annotate(REQUEST, FN)).isEqualTo(FN);
    assertThat(misbehaving("well").annotate(REQUEST, "app", TRIGGER)).isEqualTo(TRIGGER);
  }

  private static void assertFails(ThrowingCallable annotating) {
    assertThatThrownBy(annotating)
        .isInstanceOfSatisfying(
            FnException.class,
            e -> {
              assertThat(e.code()).isEqualTo(500);
              assertThat(e.publicMessage()).isEqualTo("an extension of this server failed");
            });
  }
}
