package dev.fncluster.lb;

import static dev.fncluster.runnerpool.grpc.RunnerMessages.BUSY;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.OK;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.afterBody;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.end;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.finish;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.plugin.CallExtensions;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.placer.PlacerSettings;
import dev.fncluster.placer.PlacerStats;
import dev.fncluster.placer.RetryingPlacer;
import dev.fncluster.runnerpool.PlacementPolicy;
import dev.fncluster.runnerpool.RunnerAddress;
import dev.fncluster.runnerpool.StaticRunnerPool;
import dev.fncluster.runnerpool.fake.FakeBody;
import dev.fncluster.runnerpool.fake.RecordingSink;
import dev.fncluster.runnerpool.fake.TestCalls;
import dev.fncluster.runnerpool.grpc.ChannelSecurity;
import dev.fncluster.runnerpool.grpc.GrpcRunner;
import dev.fncluster.runnerpool.grpc.RunnerClientStats;
import dev.fncluster.runnerpool.grpc.ScriptedRunnerServer;
import dev.fncluster.stats.AgentMeters;
import dev.fncluster.stats.ViewRegistry;
import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Agent, placer, pool and gRPC client together, against real servers. */
@Timeout(60)
class LbAgentOverGrpcTest {
  private static final PlacementPolicy IN_ORDER =
      (request, runners) -> IntStream.range(0, runners.size()).iterator();

  private final EventLoops loops = EventLoops.create(1, "test-loop");
  private final List<ScriptedRunnerServer> servers = new ArrayList<>();
  private Duration placerTimeout = Duration.ofSeconds(5);

  @AfterEach
  void stop() throws Exception {
    for (ScriptedRunnerServer each : servers) {
      each.close();
    }
    loops.close();
  }

  @Test
  void wholeBodyIsSentAgainToTheNextRunnerAfterANack() throws Exception {
    ScriptedRunnerServer full = serve(afterBody(stream -> finish(stream, BUSY)));
    ScriptedRunnerServer free = serve(afterBody(stream -> finish(stream, OK)));
    FakeBody body = FakeBody.of(400, 9_000);
    assertThat(call(body, full.port(), free.port())).isEmpty();
    assertThat(full.sessions).hasValue(1);
    assertThat(free.frames().stream().mapToInt(frame -> frame.length).sum()).isEqualTo(3_600_000);
    assertThat(body.openings()).isEqualTo(2);
    assertThat(body.isClosed()).isTrue();
  }

  @Test
  void lossAfterTheCallWasSentIsNotTriedElsewhere() throws Exception {
    ScriptedRunnerServer dying =
        serve(
            afterBody(stream -> {
              send(stream);
              end(stream, Status.UNAVAILABLE);
            }));
    ScriptedRunnerServer other = serve(afterBody(stream -> finish(stream, OK)));
    assertThat(code(call(FakeBody.of(1, 1), dying.port(), other.port()))).isEqualTo(500);
    assertThat(dying.sessions).hasValue(1);
    assertThat(other.sessions).hasValue(0);
  }

  @Test
  void runnerThatIsDownIsPassedOver() throws Exception {
    ScriptedRunnerServer down = serve(afterBody(stream -> finish(stream, OK)));
    ScriptedRunnerServer up = serve(afterBody(stream -> finish(stream, OK)));
    down.close();
    assertThat(call(FakeBody.of(1, 1), down.port(), up.port())).isEmpty();
    assertThat(up.sessions).hasValue(1);
  }

  @Test
  void fullOrUnreachableRunnersAreBusyAtThePlacersTimeout() throws Exception {
    // The first connection of a JVM takes its time, and is to be made within this.
    placerTimeout = Duration.ofSeconds(3);
    ScriptedRunnerServer down = serve(afterBody(stream -> finish(stream, OK)));
    ScriptedRunnerServer full = serve(afterBody(stream -> finish(stream, BUSY)));
    down.close();
    assertThat(code(call(FakeBody.of(1, 1), down.port(), full.port()))).isEqualTo(503);
    assertThat(full.sessions.get()).isGreaterThan(1);
  }

  @Test
  void connectionThatIsLostBeforeTheCallLeftSendsItToTheNextRunner() throws Exception {
    ScriptedRunnerServer lost = serve(afterBody(stream -> finish(stream, OK)));
    ScriptedRunnerServer other = serve(afterBody(stream -> finish(stream, OK)));
    try (CuttableLink link = new CuttableLink(lost.port())) {
      LbAgent agent = agent(link.port(), other.port());
      try {
        assertThat(call(agent, FakeBody.of(1, 1), () -> {})).isEmpty();
        FakeBody body = FakeBody.of(1, 1);
        // Cut on the loop itself, in the midst of handing the call over: it can't notice before.
        body.beforeOpening(link::cut);
        assertThat(call(agent, body, () -> {})).isEmpty();
        assertThat(body.openings()).isEqualTo(2);
      } finally {
        agent.close(Duration.ofSeconds(5));
      }
    }
    assertThat(lost.sessions).hasValue(1);
    assertThat(other.sessions).hasValue(1);
  }

  @Test
  void runnerThatWasKilledUnnoticedIsNotSentTheCall() throws Exception {
    ScriptedRunnerServer killed = serve(afterBody(stream -> finish(stream, OK)));
    ScriptedRunnerServer other = serve(afterBody(stream -> finish(stream, OK)));
    try (CuttableLink link = new CuttableLink(killed.port())) {
      LbAgent agent = agent(link.port(), other.port());
      try {
        assertThat(call(agent, FakeBody.of(1, 1), () -> {})).isEmpty();
        FakeBody body = FakeBody.of(1, 1);
        // On the loop itself, which so can't notice before it is to hand the call over.
        assertThat(call(agent, body, link::leave)).isEmpty();
        assertThat(body.openings()).as("sent to one runner only").isEqualTo(1);
      } finally {
        agent.close(Duration.ofSeconds(5));
      }
    }
    assertThat(killed.sessions).hasValue(1);
    assertThat(other.sessions).hasValue(1);
  }

  @Test
  void connectionThatIsLostAfterTheCallArrivedEndsIt() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    CompletableFuture<Void> arrived = new CompletableFuture<>();
    ScriptedRunnerServer.Script first = afterBody(stream -> finish(stream, OK));
    ScriptedRunnerServer lost =
        serve((stream, message) -> {
          if (message.hasTry() && calls.incrementAndGet() == 2) {
            // Neither answered nor refused: it may well be running.
            arrived.complete(null);
          } else if (calls.get() < 2) {
            first.message(stream, message);
          }
        });
    ScriptedRunnerServer other = serve(afterBody(stream -> finish(stream, OK)));
    try (CuttableLink link = new CuttableLink(lost.port())) {
      LbAgent agent = agent(link.port(), other.port());
      try {
        assertThat(call(agent, FakeBody.of(1, 1), () -> {})).isEmpty();
        CompletableFuture<Optional<Throwable>> answer = submit(agent, FakeBody.of(1, 1), () -> {});
        arrived.get(20, TimeUnit.SECONDS);
        link.cut();
        assertThat(code(answer.get(20, TimeUnit.SECONDS))).isEqualTo(500);
      } finally {
        agent.close(Duration.ofSeconds(5));
      }
    }
    assertThat(calls).hasValue(2);
    assertThat(other.sessions).hasValue(0);
  }

  private Optional<Throwable> call(FakeBody body, int... ports) throws Exception {
    LbAgent agent = agent(ports);
    try {
      return call(agent, body, () -> {});
    } finally {
      agent.close(Duration.ofSeconds(5));
    }
  }

  private LbAgent agent(int... ports) {
    ViewRegistry registry = new ViewRegistry(new SimpleMeterRegistry());
    RunnerClientStats clientStats = new RunnerClientStats(registry);
    return new LbAgent(
        StaticRunnerPool.of(
            IntStream.of(ports).mapToObj(port -> new RunnerAddress("127.0.0.1", port)).toList(),
            address -> new GrpcRunner(address, loops, ChannelSecurity.plaintext(), clientStats)),
        new RetryingPlacer(
            PlacerSettings.from(
                Settings.of(
                    Map.of("FN_PLACER_TIMEOUT_MSECS", Long.toString(placerTimeout.toMillis())))),
            IN_ORDER,
            new PlacerStats(registry),
            new ExtensionRunner(ExtensionRunner.DEFAULT_LIMIT)),
        LbAgentSettings.defaults(),
        CallExtensions.none(),
        AgentMeters.of(registry),
        new LbStats(registry),
        InstantSource.system());
  }

  private Optional<Throwable> call(LbAgent agent, FakeBody body, Runnable before) throws Exception {
    return submit(agent, body, before).get(20, TimeUnit.SECONDS);
  }

  private CompletableFuture<Optional<Throwable>> submit(
      LbAgent agent, FakeBody body, Runnable before) {
    Invocation invocation =
        TestCalls.invocation(loops.loops().get(0), new RecordingSink(), body, CallContext.create());
    CompletableFuture<Optional<Throwable>> answer = new CompletableFuture<>();
    invocation
        .eventLoop()
        .execute(() -> {
          try {
            before.run();
            agent.submit(invocation, e -> answer.complete(Optional.ofNullable(e)));
          } catch (RuntimeException failure) {
            answer.completeExceptionally(failure);
          }
        });
    return answer;
  }

  private static int code(Optional<Throwable> error) {
    return error.map(e -> e instanceof FnException known ? known.code() : -1).orElse(0);
  }

  private ScriptedRunnerServer serve(ScriptedRunnerServer.Script script) throws Exception {
    ScriptedRunnerServer server = ScriptedRunnerServer.start(script);
    servers.add(server);
    return server;
  }
}
