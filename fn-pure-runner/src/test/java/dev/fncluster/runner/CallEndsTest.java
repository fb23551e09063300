package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.testing.WaitingThread;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls that end before their answer does, and what that does to their containers. */
final class CallEndsTest {
  @RegisterExtension final AgentRig rig = new AgentRig();

  @Test
  void endsCallsAtTheirTimeoutAndStopsTheContainer() throws Exception {
    Call call = TestCalls.call("c", "sleep:5000").timeout(1);
    TestCalls.Outcome outcome = rig.run(call, "x");
    assertThat(outcome.error().code()).isEqualTo(504);
    assertThat(outcome.call().status()).isEqualTo("timeout");
    assertThat(rig.count("fn_timeouts")).isEqualTo(1);
    assertThat(rig.count("fn_errors")).isZero();
    AgentRig.soon().until(() -> rig.driver().alive() == 0);
  }

  @ParameterizedTest
  @CsvSource({
    "echo, 1, 504, Timed out",
    "early, 60, 502, function invoked write before receiving entire request",
    "dropearly, 60, 502, function closed pipe while receiving request",
  })
  void doesNotWaitForABodyThatNeverEnds(String mode, int timeout, int code, String text)
      throws Exception {
    OpenBody body = new OpenBody("a", -1);
    TestCalls.Outcome outcome =
        rig.start(TestCalls.call("c", mode).timeout(timeout), body, CallContext.create())
            .get(20, TimeUnit.SECONDS);
    assertThat(outcome.error().code()).isEqualTo(code);
    assertThat(outcome.error().publicMessage()).isEqualTo(text);
    assertThat(body.isCommitted()).isTrue();
    assertThat(body.isCancelled()).isTrue();
  }

  @Test
  void stopsTheContainerOfACallWhoseClientLeft() throws Exception {
    assertThat(rig.run("echo", "warm").failure()).isNull();
    CallContext context = CallContext.create();
    CompletableFuture<TestCalls.Outcome> running =
        rig.start(TestCalls.call("c", "sleep:5000"), EmptyBody.create(), context);
    TestFunction function = rig.function();
    AgentRig.soon().until(() -> function.requests() == 2);
    context.cancel(CancelCause.CLIENT_GONE);
    assertThat(running.get(20, TimeUnit.SECONDS).error().code()).isEqualTo(444);
    AgentRig.soon().until(() -> rig.driver().alive() == 0);
  }

  @Test
  void keepsTheContainerThatACancelledCallWasBeingConnectedTo() throws Exception {
    assertThat(rig.run("close", "warm").failure()).isNull();
    CompletableFuture<@Nullable Throwable> ended = new CompletableFuture<>();
    // Connections are made on this very loop: there is none before this is over.
    rig.loop()
        .execute(() -> {
          CallContext context = CallContext.create();
          rig.agent()
              .submit(
                  TestCalls.invocation(TestCalls.call("c", "echo"), "x", context, rig.loop()),
                  ended::complete);
          context.cancel(CancelCause.CLIENT_GONE);
        });
    assertThat(ended.get(60, TimeUnit.SECONDS)).isInstanceOf(FnException.class);
    assertThat(rig.run("echo", "next").text()).isEqualTo("next");
    assertThat(rig.driver().made()).hasSize(1);
  }

  @Test
  void callsThatWaitAreRefusedWhenTheirDeadlinePasses() throws Exception {
    rig.driver().startDelay(Duration.ofSeconds(1));
    CallContext context = CallContext.withDeadline(System.nanoTime() + 100_000_000);
    CompletableFuture<TestCalls.Outcome> waiting =
        rig.start(TestCalls.call("c", "echo"), EmptyBody.create(), context);
    context.cancel(CancelCause.DEADLINE);
    assertThat(InvocationErrors.isServerBusy(waiting.get(20, TimeUnit.SECONDS).failure())).isTrue();
  }

  /** A body that can't be opened, because of what {@code failure} throws. */
  private record Unreadable(Supplier<BodyReader> failure) implements RequestBody {
    @Override
    public long length() {
      return -1;
    }

    @Override
    public BodyReader open(BodyConsumer consumer) {
      return failure.get();
    }

    @Override
    public boolean isReplayable() {
      return false;
    }

    @Override
    public void commit() {}

    @Override
    public void close() {}
  }

  private @Nullable Throwable failureOf(RequestBody body) throws Exception {
    return rig.start(TestCalls.call("c", "echo"), body, CallContext.create())
        .get(60, TimeUnit.SECONDS)
        .failure();
  }

  @Test
  void aBodyThatCanNotBeReadAgainFailsItsCallOnly() throws Exception {
    assertThat(rig.run("echo", "warm").failure()).isNull();
    Unreadable used =
        new Unreadable(() -> {
          throw new IllegalStateException("read before");
        });
    assertThat(failureOf(used)).isInstanceOf(IllegalStateException.class);
    assertThat(rig.run("echo", "next").text()).isEqualTo("next");
    assertThat(rig.driver().made()).hasSize(1);
  }

  @Test
  void aCallThatBreaksAsItBeginsEndsAtOnce() throws Exception {
    assertThat(rig.run("echo", "warm").failure()).isNull();
    Unreadable body =
        new Unreadable(() -> {
          throw new OutOfMemoryError("as if");
        });
    assertThat(failureOf(body)).isInstanceOf(OutOfMemoryError.class);
    assertThat(rig.run("echo", "next").text()).isEqualTo("next");
  }

  @Test
  void finishesCallsBeforeItCloses() throws Exception {
    assertThat(rig.run("echo", "warm").failure()).isNull();
    CompletableFuture<TestCalls.Outcome> running =
        rig.start(TestCalls.call("c", "pausing:text/plain"), "");
    TestFunction function = rig.function();
    AgentRig.soon().until(() -> function.requests() == 2);
    Future<Void> closing = WaitingThread.start(() -> rig.agent().close(Duration.ofSeconds(60)));
    assertThat(InvocationErrors.isServerBusy(rig.run("echo", "late").failure())).isTrue();
    assertThat(closing.isDone()).isFalse();
    function.goOn();
    assertThat(running.get(60, TimeUnit.SECONDS).text()).isEqualTo("firstlast");
    closing.get(60, TimeUnit.SECONDS);
  }

  @Test
  void cutsCallsOffWhenTheGracePeriodIsOver() throws Exception {
    assertThat(rig.run("echo", "warm").failure()).isNull();
    CompletableFuture<TestCalls.Outcome> running =
        rig.start(TestCalls.call("c", "sleep:8000"), "last");
    TestFunction function = rig.function();
    AgentRig.soon().until(() -> function.requests() == 2);
    rig.agent().close(Duration.ofMillis(100));
    assertThat(running.get(60, TimeUnit.SECONDS).error().code()).isEqualTo(500);
  }
}
