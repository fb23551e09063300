package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.CallOverrider;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.plugin.CallExtensions;
import dev.fncluster.api.plugin.ExtensionRunner;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What overriders and the driver's slot key do on a runner. */
final class RunnerExtensionsTest {
  private static final Duration BOUND = Duration.ofSeconds(60);

  @RegisterExtension final AgentRig rig = new AgentRig();
  private final FakeDriver driver = rig.driver();

  private void overriders(Duration limit, CallOverrider... overriders) {
    rig.extensions(new CallExtensions(List.of(overriders), new ExtensionRunner(limit)));
  }

  private TestCalls.Outcome run(String id, Map<String, String> extensions) throws Exception {
    return TestCalls.run(rig.agent(), rig.loop(), TestCalls.call(id, "echo"), "aa", extensions);
  }

  private static Map<String, String> wine(Call call, Map<String, String> extensions) {
    Map<String, String> all = new HashMap<>(extensions);
    all.put("FN_WINE", "1982 Margaux");
    return all;
  }

  @Test
  void theDriverSeesTheExtensionsOfBothSides() throws Exception {
    overriders(BOUND, RunnerExtensionsTest::wine);
    assertThat(run("1", Map.of("FN_CHEESE", "Tete de Moine")).failure()).isNull();
    assertThat(driver.made().getFirst().spec().extensions())
        .isEqualTo(Map.of("FN_CHEESE", "Tete de Moine", "FN_WINE", "1982 Margaux"));
  }

  @Test
  void overridersRunInOrderOnVirtualThreadsOrTheLoop() throws Exception {
    CompletableFuture<Thread> blocking = new CompletableFuture<>();
    CompletableFuture<Thread> quick = new CompletableFuture<>();
    overriders(
        BOUND,
        (call, extensions) -> {
          blocking.complete(Thread.currentThread());
          return Map.of("first", "1");
        },
        new CallOverrider() {
          @Override
          public Map<String, String> override(Call call, Map<String, String> extensions) {
            quick.complete(Thread.currentThread());
            return Map.of("second", extensions.getOrDefault("first", ""));
          }

          @Override
          public boolean mayBlock() {
            return false;
          }
        });
    assertThat(run("1", Map.of()).failure()).isNull();
    assertThat(blocking.get().isVirtual()).isTrue();
    assertThat(quick.get().isVirtual()).isFalse();
    assertThat(driver.made().getFirst().spec().extensions()).isEqualTo(Map.of("second", "1"));
  }

  @Test
  void callsThatTheDriverTellsApartDoNotShareAContainer() throws Exception {
    driver.slotKeyParts(
        all -> all.containsKey("GPU") ? Map.of("GPU", all.getOrDefault("GPU", "")) : Map.of());
    for (Map<String, String> extensions :
        List.of(
            Map.<String, String>of(), Map.of("GPU", "1"), Map.of("GPU", "2"), Map.of("x", "y"))) {
      for (int i = 0; i < 2; i++) {
        assertThat(run("c" + i, extensions).failure()).isNull();
      }
    }
    assertThat(driver.made().stream().map(each -> each.spec().extensions().getOrDefault("GPU", "")))
        .containsExactly("", "1", "2");
  }

  @Test
  void callsThatAnOverriderMadeDifferentDoNotShareAContainer() throws Exception {
    overriders(
        BOUND,
        (call, extensions) -> {
          call.config(Map.of("WHO", call.id().substring(0, 1)));
          return extensions;
        });
    for (String id : List.of("a1", "b1", "a2", "b2")) {
      assertThat(run(id, Map.of()).failure()).isNull();
    }
    assertThat(driver.made().stream().map(each -> each.spec().environment().get("WHO")))
        .containsExactly("a", "b");
  }

  @Test
  void theRoomForACallIsLookedAtAfterItsOverriders() throws Exception {
    overriders(
        BOUND,
        (call, extensions) -> {
          call.memory(1 << 20);
          return extensions;
        });
    assertFailure(run("1", Map.of()), 400, "Requested CPU/Memory cannot be allocated");
  }

  @Test
  void anOverriderMayRefuseACall() throws Exception {
    ServiceException refusal = new ServiceException(418, "no");
    overriders(
        BOUND,
        (call, extensions) -> {
          throw refusal;
        });
    assertThat(run("1", Map.of()).failure()).isSameAs(refusal);
    assertThat(driver.made()).isEmpty();
  }

  @Test
  @SuppressWarnings("NullAway") // What a plugin compiled without checks may do.
  void whatThrowsOrReturnsNullFailsItsCallOnly() throws Exception {
    overriders(
        BOUND,
        (call, extensions) ->
            switch (call.id()) {
              case "throws" -> throw new LinkageError("other version");
              case "null" -> null;
              default -> extensions;
            });
    assertFailure(run("throws", Map.of()), 500, "an extension of this server failed");
    assertFailure(run("null", Map.of()), 500, "an extension of this server failed");
    assertThat(run("well", Map.of()).text()).isEqualTo("x");
  }

  @Test
  void whatHangsFailsItsCallOnly() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    overriders(
        Duration.ofMillis(100),
        (call, extensions) -> {
          if (call.id().equals("hangs")) {
            never.await();
          }
          return extensions;
        });
    assertFailure(run("hangs", Map.of()), 500, "an extension of this server failed");
    AgentRig.soon().untilAsserted(() -> assertThat(run("well", Map.of()).text()).isEqualTo("x"));
  }

  @Test
  void aDriverWithoutASlotKeyFailsItsCallOnly() throws Exception {
    driver.slotKeyParts(all -> {
      if (all.containsKey("bad")) {
        throw new IllegalStateException("bug");
      }
      return Map.of();
    });
    assertFailure(run("1", Map.of("bad", "")), 500, "an extension of this server failed");
    assertThat(run("2", Map.of()).text()).isEqualTo("x");
  }

  @Test
  void aCallMayBeCancelledWhileItIsOverridden() throws Exception {
    CountDownLatch mayGoOn = new CountDownLatch(1);
    CountDownLatch began = new CountDownLatch(1);
    overriders(
        BOUND,
        (call, extensions) -> {
          began.countDown();
          mayGoOn.await();
          return extensions;
        });
    CallContext context = CallContext.create();
    CompletableFuture<TestCalls.Outcome> running =
        rig.start(TestCalls.call("1", "echo"), EmptyBody.create(), context);
    assertThat(began.await(60, TimeUnit.SECONDS)).isTrue();
    context.cancel(CancelCause.CLIENT_GONE);
    mayGoOn.countDown();
    assertFailure(running.get(60, TimeUnit.SECONDS), 444, "Client cancelled context");
    assertThat(driver.made()).isEmpty();
  }

  private static void assertFailure(TestCalls.Outcome outcome, int code, String text) {
    assertThat(outcome.failure())
        .isInstanceOfSatisfying(
            FnException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.publicMessage()).isEqualTo(text);
            });
  }
}
