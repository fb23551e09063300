package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The agent with functions of this process, on real sockets and event loops. */
final class RunnerAgentTest {
  private static final long MEBIBYTE = 1024 * 1024;

  private final FakeDriver driver = new FakeDriver();
  private EventLoops loops = EventLoops.create(1, "test-loop");
  private EventLoop loop = loops.loops().getFirst();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private RunnerAgent agent = agent(Map.of());

  private RunnerAgent agent(Map<String, String> environment) {
    Settings settings = Settings.of(environment);
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(RunnerViews.all());
    try {
      return new RunnerAgent(
          loops,
          RunnerSettings.from(settings),
          driver,
          new ResourceAmount(640 * MEBIBYTE, 4000),
          registry,
          new IdGenerator(1, System::currentTimeMillis),
          Clock.systemUTC());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void restart(Map<String, String> environment) throws Exception {
    agent.close(Duration.ofSeconds(5));
    agent = agent(environment);
  }

  @BeforeEach
  void quickStarts() {
    driver.startDelay(Duration.ofMillis(5));
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    agent.close(Duration.ofSeconds(5));
    assertThat(driver.alive()).as("containers left behind").isZero();
    assertThat(agent.resources().used()).isEqualTo(ResourceAmount.NONE);
    assertThat(agent.callsInFlight()).isZero();
    loops.close();
  }

  private double count(String counter) {
    return meters.get(counter).counter().count();
  }

  private TestCalls.Outcome run(String mode, String body) throws Exception {
    return TestCalls.run(agent, loop, TestCalls.call("c", mode), body);
  }

  private static FnException error(TestCalls.Outcome outcome) {
    assertThat(outcome.failure()).isInstanceOf(FnException.class);
    return (FnException) java.util.Objects.requireNonNull(outcome.failure());
  }

  @Test
  void reusesOneContainerOverOneConnection() throws Exception {
    for (int i = 0; i < 50; i++) {
      TestCalls.Outcome outcome = run("echo", "body " + i);
      assertThat(outcome.failure()).isNull();
      assertThat(outcome.text()).isEqualTo("body " + i);
      assertThat(outcome.headers().all("X-Multi")).containsExactly("a", "b");
    }
    assertThat(driver.made()).hasSize(1);
    TestFunction function = java.util.Objects.requireNonNull(driver.made().getFirst().function());
    assertThat(function.connections()).isEqualTo(1);
  }

  @Test
  void fillsInTheTimesOfACall() throws Exception {
    Call call = run("echo", "x").call();
    assertThat(call.status()).isEqualTo("success");
    assertThat(call.createdAt()).isNotNull();
    assertThat(call.startedAt()).isAfterOrEqualTo(call.createdAt());
    assertThat(call.completedAt()).isAfterOrEqualTo(call.startedAt());
  }

  @Test
  void saysInTheCallWhyItFailed() throws Exception {
    Call call = run("drop", "x").call();
    assertThat(call.status()).isEqualTo("error");
    assertThat(call.error()).isEqualTo("error receiving function response");
    assertThat(call.completedAt()).isNotNull();
  }

  @Test
  void putsTheCallToTheFunctionAsTheContractSays() throws Exception {
    Call call = TestCalls.call("01CALL", "head");
    call.headers()
        .add("Connection", "keep-alive")
        .add("Te", "trailers")
        .add("Content-Length", "3")
        .add("Fn-Call-Id", "forged")
        .add("Host", "elsewhere")
        .add("Accept", "a")
        .add("Accept", "b");
    String head = TestCalls.run(agent, loop, call, "abc").text();
    assertThat(head.lines())
        .startsWith("POST /call HTTP/1.1")
        .contains("Te: trailers", "Fn-Call-Id: 01CALL", "Accept: a", "Accept: b", "X-Mode: head")
        .anyMatch(line -> line.equalsIgnoreCase("host: localhost"))
        .anyMatch(line -> line.equalsIgnoreCase("transfer-encoding: chunked"))
        .anyMatch(line -> line.matches("Fn-Deadline: \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"))
        .noneMatch(line -> line.contains("forged") || line.contains("elsewhere"))
        .noneMatch(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length"))
        .noneMatch(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("connection"));
  }

  @ParameterizedTest
  @CsvSource({
    "status:502, 502, function failed, true",
    "status:504, 504, Timed out, true",
    "status:500, 502, invalid function response, false",
    "status:404, 502, invalid function response, false",
    "drop, 502, error receiving function response, false",
    "short, 502, error receiving function response, false",
    "garbage, 502, error receiving function response, false",
    "longheader:2000000, 502, function response header too large, false",
  })
  void mapsWhatFunctionsDo(String mode, int code, String text, boolean kept) throws Exception {
    restart(Map.of("FN_MAX_HDR_RESPONSE_SIZE", "1000000"));
    FnException failure = error(run(mode, "x"));
    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure.publicMessage()).isEqualTo(text);
    assertThat(run("echo", "next").text()).isEqualTo("next");
    assertThat(driver.made()).hasSize(kept ? 1 : 2);
  }

  @Test
  void cutsAnswersThatAreTooLong() throws Exception {
    // A limit that is too long for an answer to be held back.
    restart(Map.of("FN_MAX_RESPONSE_SIZE", "8400000"));
    TestCalls.Outcome outcome = run("chunked:8500000", "x");
    assertThat(outcome.status()).isEqualTo(200);
    assertThat(outcome.body()).hasSize(8_400_000);
    assertThat(error(outcome).publicMessage()).isEqualTo("function response body too large");
    assertThat(run("chunked:8400000", "x").failure()).isNull();
    assertThat(driver.made()).as("the container is kept").hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "250000, big:250001",
    "250000, chunked:250001",
    "25000, big:25001",
    "25000, chunked:26000",
    "8388608, chunked:8388609",
  })
  void sendsNothingOfAnswersThatAreKnownToBeTooLong(String limit, String mode) throws Exception {
    restart(Map.of("FN_MAX_RESPONSE_SIZE", limit));
    TestCalls.Outcome outcome = run(mode, "x");
    assertThat(outcome.status()).isZero();
    assertThat(outcome.body()).isEmpty();
    assertThat(error(outcome).publicMessage()).isEqualTo("function response body too large");
    assertThat(run("chunked:25000", "x").body()).hasSize(25_000);
    assertThat(run("big:25000", "x").body()).hasSize(25_000);
    assertThat(run("echo", "next").text()).isEqualTo("next");
    assertThat(driver.made()).as("the container is kept").hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"close, 2", "idleclose, 2", "continue, 1"})
  void livesWithWhatServersMayDo(String mode, int connections) throws Exception {
    assertThat(run(mode, "one").text()).isEqualTo("one");
    TestFunction function = java.util.Objects.requireNonNull(driver.made().getFirst().function());
    if (mode.equals("idleclose")) {
      // The close has to get here before the next call, or that call is lost with it.
      Thread.sleep(100);
    }
    assertThat(run("echo", "two").text()).isEqualTo("two");
    assertThat(driver.made()).hasSize(1);
    assertThat(function.connections()).isEqualTo(connections);
  }

  @Test
  void endsCallsAtTheirTimeoutAndStopsTheContainer() throws Exception {
    Call call = TestCalls.call("c", "sleep:5000").timeout(1);
    TestCalls.Outcome outcome = TestCalls.run(agent, loop, call, "x");
    assertThat(error(outcome).code()).isEqualTo(504);
    assertThat(outcome.call().status()).isEqualTo("timeout");
    assertThat(count("fn_timeouts")).isEqualTo(1);
    assertThat(count("fn_errors")).isZero();
    await().atMost(Duration.ofSeconds(10)).until(() -> driver.alive() == 0);
  }

  /** A body of which a beginning comes and then nothing more. */
  private static final class StuckBody implements RequestBody {
    private boolean committed;
    private boolean cancelled;

    @Override
    public long length() {
      return -1;
    }

    @Override
    public BodyReader open(BodyConsumer consumer) {
      return new BodyReader() {
        private boolean first = true;

        @Override
        public void request() {
          if (first) {
            first = false;
            consumer.chunk(Unpooled.wrappedBuffer(new byte[] {'a'}), false);
          }
        }

        @Override
        public void cancel() {
          cancelled = true;
        }
      };
    }

    @Override
    public boolean isReplayable() {
      return true;
    }

    @Override
    public void commit() {
      committed = true;
    }

    @Override
    public void close() {}
  }

  @ParameterizedTest
  @CsvSource({
    "echo, 504, Timed out",
    "early, 502, function invoked write before receiving entire request",
    "dropearly, 502, function closed pipe while receiving request",
  })
  void doesNotWaitForABodyThatNeverEnds(String mode, int code, String text) throws Exception {
    StuckBody body = new StuckBody();
    TestCalls.Outcome outcome =
        TestCalls.start(
                agent, loop, TestCalls.call("c", mode).timeout(1), body, CallContext.create())
            .get(20, TimeUnit.SECONDS);
    assertThat(error(outcome).code()).isEqualTo(code);
    assertThat(error(outcome).publicMessage()).isEqualTo(text);
    assertThat(body.committed).isTrue();
    assertThat(body.cancelled).isTrue();
  }

  @Test
  void stopsTheContainerOfACallWhoseClientLeft() throws Exception {
    assertThat(run("echo", "warm").failure()).isNull();
    CallContext context = CallContext.create();
    CompletableFuture<TestCalls.Outcome> running =
        TestCalls.start(
            agent,
            loop,
            TestCalls.call("c", "sleep:5000"),
            dev.fncluster.api.call.EmptyBody.create(),
            context);
    TestFunction function = java.util.Objects.requireNonNull(driver.made().getFirst().function());
    await().atMost(Duration.ofSeconds(10)).until(() -> function.requests() == 2);
    context.cancel(CancelCause.CLIENT_GONE);
    assertThat(error(running.get(5, TimeUnit.SECONDS)).code()).isEqualTo(444);
    await().atMost(Duration.ofSeconds(10)).until(() -> driver.alive() == 0);
  }

  @Test
  void keepsTheContainerThatACancelledCallWasBeingConnectedTo() throws Exception {
    assertThat(run("close", "warm").failure()).isNull();
    CompletableFuture<@Nullable Throwable> ended = new CompletableFuture<>();
    // Connections are made on this very loop: there is none before this is over.
    loop.execute(() -> {
      CallContext context = CallContext.create();
      agent.submit(
          TestCalls.invocation(TestCalls.call("c", "echo"), "x", context, loop), ended::complete);
      context.cancel(CancelCause.CLIENT_GONE);
    });
    assertThat(ended.get(10, TimeUnit.SECONDS)).isInstanceOf(FnException.class);
    assertThat(run("echo", "next").text()).isEqualTo("next");
    assertThat(driver.made()).hasSize(1);
  }

  @Test
  void serves20FirstCallsWithAHandfulOfContainers() throws Exception {
    restart(Map.of("FN_HOT_POLL_MSECS", "20"));
    driver.startDelay(Duration.ofMillis(300));
    List<CompletableFuture<TestCalls.Outcome>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(TestCalls.start(agent, loop, TestCalls.call("c" + i, "echo"), "body" + i));
    }
    for (int i = 0; i < 20; i++) {
      TestCalls.Outcome outcome = all.get(i).get(20, TimeUnit.SECONDS);
      assertThat(outcome.failure()).isNull();
      assertThat(outcome.text()).isEqualTo("body" + i);
    }
    assertThat(driver.made().size()).isBetween(1, 5);
  }

  @Test
  void queuesShortCallsInsteadOfLaunching() throws Exception {
    for (int i = 0; i < 50; i++) {
      assertThat(run("echo", "warm").failure()).isNull();
    }
    List<CompletableFuture<TestCalls.Outcome>> all = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      all.add(TestCalls.start(agent, loop, TestCalls.call("c" + i, "echo"), "body"));
    }
    for (CompletableFuture<TestCalls.Outcome> each : all) {
      assertThat(each.get(20, TimeUnit.SECONDS).failure()).isNull();
    }
    assertThat(driver.made()).hasSize(1);
  }

  @Test
  void refusesAtOnceWhatDoesNotFit() throws Exception {
    // Five containers of 128 MiB fit; every one of them is taken for long.
    restart(Map.of("FN_HOT_POLL_MSECS", "20"));
    List<CompletableFuture<TestCalls.Outcome>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(TestCalls.start(agent, loop, TestCalls.call("c" + i, "sleep:3000"), "x"));
    }
    int served = 0;
    for (CompletableFuture<TestCalls.Outcome> each : all) {
      @Nullable Throwable failure = each.get(30, TimeUnit.SECONDS).failure();
      if (failure == null) {
        served++;
      } else {
        assertThat(InvocationErrors.isServerBusy(failure)).isTrue();
      }
    }
    assertThat(served).isBetween(4, 5);
    assertThat(driver.made()).hasSizeLessThanOrEqualTo(5);
  }

  @Test
  void refusesWhatCanNeverFit() throws Exception {
    Call call = TestCalls.call("c", "echo").memory(-1);
    assertThat(error(TestCalls.run(agent, loop, call, "x")).code()).isEqualTo(400);
  }

  @Test
  void evictsIdleContainersOfOthersWhenMemoryIsShort() throws Exception {
    Call big = TestCalls.call("a", "echo").memory(600);
    assertThat(TestCalls.run(agent, loop, big, "a").failure()).isNull();
    Call other = TestCalls.call("b", "echo").memory(300).fnId("other");
    assertThat(TestCalls.run(agent, loop, other, "b").text()).isEqualTo("b");
    await().atMost(Duration.ofSeconds(10)).until(() -> driver.alive() == 1);
  }

  @Test
  void givesALaunchErrorToItsCauseAndLetsOthersTry() throws Exception {
    List<String> failed = new ArrayList<>();
    driver.failWith(spec -> {
      if (failed.size() < 2) {
        failed.add(spec.id());
        return new IllegalStateException("engine trouble");
      }
      return null;
    });
    List<CompletableFuture<TestCalls.Outcome>> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(TestCalls.start(agent, loop, TestCalls.call("c" + i, "echo"), "x"));
    }
    int errors = 0;
    for (CompletableFuture<TestCalls.Outcome> each : all) {
      TestCalls.Outcome outcome = each.get(20, TimeUnit.SECONDS);
      if (outcome.failure() != null) {
        assertThat(error(outcome).publicMessage()).isEqualTo("internal server error");
        errors++;
      }
    }
    assertThat(errors).isEqualTo(2);
  }

  @Test
  void givesUpOnFunctionsThatNeverListen() throws Exception {
    restart(Map.of("FN_HOT_START_TIMEOUT_MSECS", "200"));
    driver.silent(true);
    FnException failure = error(run("echo", "x"));
    assertThat(failure.code()).isEqualTo(504);
    assertThat(failure.publicMessage()).startsWith("Container initialization timed out");
    // It is not the function that took too long.
    assertThat(count("fn_timeouts")).isZero();
    assertThat(count("fn_errors")).isEqualTo(1);
  }

  @Test
  void replacesContainersThatDieWhileIdle() throws Exception {
    assertThat(run("echo", "one").text()).isEqualTo("one");
    driver.made().getFirst().exit(1);
    TestCalls.Outcome second = run("echo", "two");
    assertThat(second.failure()).isNull();
    assertThat(second.text()).isEqualTo("two");
    assertThat(driver.made()).hasSize(2);
    await().atMost(Duration.ofSeconds(10)).until(() -> driver.alive() == 1);
  }

  @Test
  void stopsContainersThatAreIdleForTooLong() throws Exception {
    Call call = TestCalls.call("c", "echo").idleTimeout(1);
    assertThat(TestCalls.run(agent, loop, call, "x").failure()).isNull();
    assertThat(driver.alive()).isEqualTo(1);
    await().atMost(Duration.ofSeconds(10)).until(() -> driver.alive() == 0);
    assertThat(agent.containers()).isZero();
  }

  @Test
  void finishesCallsBeforeItCloses() throws Exception {
    assertThat(run("echo", "warm").failure()).isNull();
    CompletableFuture<TestCalls.Outcome> running =
        TestCalls.start(agent, loop, TestCalls.call("c", "sleep:500"), "last");
    TestFunction function = java.util.Objects.requireNonNull(driver.made().getFirst().function());
    await().atMost(Duration.ofSeconds(10)).until(() -> function.requests() == 2);
    agent.close(Duration.ofSeconds(10));
    assertThat(running.get(1, TimeUnit.SECONDS).text()).isEqualTo("last");
    assertThat(InvocationErrors.isServerBusy(run("echo", "late").failure())).isTrue();
  }

  @Test
  void cutsCallsOffWhenTheGracePeriodIsOver() throws Exception {
    assertThat(run("echo", "warm").failure()).isNull();
    CompletableFuture<TestCalls.Outcome> running =
        TestCalls.start(agent, loop, TestCalls.call("c", "sleep:8000"), "last");
    TestFunction function = java.util.Objects.requireNonNull(driver.made().getFirst().function());
    await().atMost(Duration.ofSeconds(10)).until(() -> function.requests() == 2);
    agent.close(Duration.ofMillis(100));
    assertThat(error(running.get(1, TimeUnit.SECONDS)).code()).isEqualTo(500);
  }

  @Test
  void servesCallsOfOneLoopInContainersOfAnother() throws Exception {
    try (EventLoops two = EventLoops.create(2, "two")) {
      List<EventLoop> both = two.loops();
      assertThat(TestCalls.run(agent, both.get(0), TestCalls.call("a", "echo"), "a").text())
          .isEqualTo("a");
      for (int i = 0; i < 20; i++) {
        String body = "x".repeat(i * 5000);
        assertThat(TestCalls.run(agent, both.get(i % 2), TestCalls.call("b", "echo"), body).text())
            .isEqualTo(body);
      }
      assertThat(driver.made()).hasSize(1);
      agent.close(Duration.ofSeconds(5));
    }
  }

  @Test
  void callsThatWaitAreRefusedWhenTheirDeadlinePasses() throws Exception {
    driver.startDelay(Duration.ofSeconds(1));
    CallContext context = CallContext.withDeadline(System.nanoTime() + 100_000_000);
    CompletableFuture<TestCalls.Outcome> waiting =
        TestCalls.start(
            agent,
            loop,
            TestCalls.call("c", "echo"),
            dev.fncluster.api.call.EmptyBody.create(),
            context);
    context.cancel(CancelCause.DEADLINE);
    assertThat(InvocationErrors.isServerBusy(waiting.get(5, TimeUnit.SECONDS).failure())).isTrue();
  }

  @Test
  void idsOfUnrelatedCallsDoNotShareContainers() throws Exception {
    Map<String, String> config = new HashMap<>(Map.of("A", "1"));
    Call other = TestCalls.call("b", "echo").config(config);
    assertThat(run("echo", "x").failure()).isNull();
    assertThat(TestCalls.run(agent, loop, other, "x").failure()).isNull();
    assertThat(driver.made()).hasSize(2);
  }

  @Test
  void nobodyGetsAnAnswerThatIsNotTheirs() throws Exception {
    for (int i = 0; i < 20; i++) {
      assertThat(run("echo", "warm").failure()).isNull();
    }
    // The second call waits and begins in the moment in which the first one ends.
    CompletableFuture<TestCalls.Outcome> first =
        TestCalls.start(agent, loop, TestCalls.call("a", "twice"), "mine");
    CompletableFuture<TestCalls.Outcome> second =
        TestCalls.start(agent, loop, TestCalls.call("b", "echo"), "yours");
    assertThat(first.get(10, TimeUnit.SECONDS).text()).isEqualTo("mine");
    TestCalls.Outcome outcome = second.get(10, TimeUnit.SECONDS);
    assertThat(outcome.text()).isNotEqualTo("forged");
    assertThat(run("echo", "next").text()).isEqualTo("next");
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
    return TestCalls.start(agent, loop, TestCalls.call("c", "echo"), body, CallContext.create())
        .get(5, TimeUnit.SECONDS)
        .failure();
  }

  @Test
  void aBodyThatCanNotBeReadAgainFailsItsCallOnly() throws Exception {
    assertThat(run("echo", "warm").failure()).isNull();
    Unreadable used =
        new Unreadable(() -> {
          throw new IllegalStateException("read before");
        });
    assertThat(failureOf(used)).isInstanceOf(IllegalStateException.class);
    assertThat(run("echo", "next").text()).isEqualTo("next");
    assertThat(driver.made()).hasSize(1);
  }

  @Test
  void aCallThatBreaksAsItBeginsEndsAtOnce() throws Exception {
    assertThat(run("echo", "warm").failure()).isNull();
    Unreadable body =
        new Unreadable(() -> {
          throw new OutOfMemoryError("as if");
        });
    assertThat(failureOf(body)).isInstanceOf(OutOfMemoryError.class);
    assertThat(run("echo", "next").text()).isEqualTo("next");
  }

  @Test
  void largeBodiesGoThroughInBothDirections() throws Exception {
    String body = "0123456789".repeat(500_000);
    TestCalls.Outcome outcome = run("echo", body);
    assertThat(outcome.failure()).isNull();
    assertThat(outcome.text()).isEqualTo(body);
  }

  @Test
  void losesNoCallWhenLoopsCancelsDeathsAndStartsMeet() throws Exception {
    restart(Map.of("FN_HOT_POLL_MSECS", "20", "FN_ENABLE_NB_RESOURCE_TRACKER", "false"));
    java.util.Random random = new java.util.Random(7);
    try (EventLoops four = EventLoops.create(4, "four")) {
      List<CompletableFuture<TestCalls.Outcome>> all = new ArrayList<>();
      List<CallContext> contexts = new ArrayList<>();
      for (int i = 0; i < 3000; i++) {
        EventLoop on = four.loops().get(random.nextInt(4));
        String mode =
            switch (random.nextInt(12)) {
              case 0 -> "sleep:5";
              case 1 -> "drop";
              case 2 -> "idleclose";
              case 3 -> "close";
              case 4 -> "status:502";
              default -> "echo";
            };
        Call call = TestCalls.call("c" + i, mode).fnId("fn" + random.nextInt(3)).memory(100);
        CallContext context = CallContext.create();
        contexts.add(context);
        all.add(
            TestCalls.start(
                agent,
                on,
                call,
                dev.fncluster.api.call.BytesBody.of(
                    Integer.toString(i).getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                context));
        if (random.nextInt(10) == 0) {
          contexts.get(random.nextInt(contexts.size())).cancel(CancelCause.CLIENT_GONE);
        }
        if (random.nextInt(100) == 0) {
          List<FakeDriver.Made> made = driver.made();
          if (!made.isEmpty()) {
            made.getLast().exit(1);
          }
        }
        while (agent.callsInFlight() > 60) {
          Thread.sleep(1);
        }
      }
      for (int i = 0; i < all.size(); i++) {
        TestCalls.Outcome outcome = all.get(i).get(30, TimeUnit.SECONDS);
        if (outcome.failure() == null) {
          assertThat(outcome.text()).as("call %s", i).isEqualTo(Integer.toString(i));
        } else {
          assertThat(outcome.failure()).isInstanceOf(FnException.class);
        }
      }
      assertThat(all.stream().filter(each -> each.join().failure() == null).count())
          .isGreaterThan(1000);
      agent.close(Duration.ofSeconds(5));
    }
  }
}
