package dev.fncluster.runnerpool.grpc;

import static dev.fncluster.runnerpool.grpc.GrpcRunnerRig.run;
import static dev.fncluster.runnerpool.grpc.GrpcRunnerRig.start;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.OK;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.afterTry;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.finish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.testing.FreePorts;
import dev.fncluster.api.testing.WaitingThread;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.runnerpool.RunnerAddress;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.fake.FakeBody;
import io.grpc.ServerCall;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runners that can not be reached, that come back, and that are closed. */
@Timeout(60)
final class GrpcRunnerConnectionTest {
  @RegisterExtension final GrpcRunnerRig rig = new GrpcRunnerRig();

  @Test
  void unreachableRunnerWasNotSentTheCall() throws Exception {
    ScriptedRunnerServer server = rig.serve(afterTry(stream -> finish(stream, OK)));
    int port = server.port();
    server.close();
    FakeBody body = FakeBody.of(1, 10);
    GrpcRunner runner = rig.runner(port);
    for (int i = 0; i < 3; i++) {
      TryResult result = run(runner, rig.call(body));
      assertThat(result).isInstanceOf(TryResult.NotPlaced.class);
      assertThat(((TryResult.NotPlaced) result).isBusy()).isFalse();
    }
    assertThat(body.openings()).isZero();
    assertThat(runner.callsUnderWay()).isZero();
  }

  @Test
  void runnerThatDoesNotGreetItsClientWasNotSentTheCall() throws Exception {
    // Connections are made by the kernel, and nobody takes them: so it is when a runner hangs.
    try (ServerSocket hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      FakeBody body = FakeBody.of(1, 10);
      GrpcRunner runner = rig.runner(hanging.getLocalPort());
      TryResult result = run(runner, rig.call(body));
      assertThat(result).isInstanceOf(TryResult.NotPlaced.class);
      assertThat(((TryResult.NotPlaced) result).isBusy()).isFalse();
      assertThat(body.openings()).isZero();
      assertThat(runner.callsUnderWay()).isZero();
    }
  }

  @Test
  void runnerToWhichNoChannelCanBeMadeWasNotSentTheCall() throws Exception {
    ChannelSecurity broken =
        builder -> {
          throw new IllegalStateException("no certificate just now");
        };
    GrpcRunner runner = rig.runner(new RunnerAddress("127.0.0.1", 1), broken);
    assertThat(run(runner, rig.call()))
        .isInstanceOfSatisfying(
            TryResult.NotPlaced.class,
            result -> assertThat(result.error()).hasMessageContaining("no certificate just now"));
    assertThat(runner.callsUnderWay()).isZero();
    assertThat(runner.status())
        .failsWithin(Duration.ofSeconds(10))
        .withThrowableThat()
        .withMessageContaining("no certificate just now");
  }

  @Test
  void unresolvableNameIsNotPlaced() throws Exception {
    GrpcRunner runner = rig.runner(new RunnerAddress("no-such-host.invalid", 9190));
    assertThat(run(runner, rig.call())).isInstanceOf(TryResult.NotPlaced.class);
  }

  /** Hangs up on all who connect, and counts them. */
  private static final class ClosedDoor implements AutoCloseable {
    private final ServerSocket socket;
    private final AtomicInteger knocks = new AtomicInteger();
    private final Thread porter;

    ClosedDoor(int port) throws IOException {
      socket = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
      porter = Thread.ofVirtual().start(this::hangUp);
    }

    private void hangUp() {
      while (!socket.isClosed()) {
        try (Socket caller = socket.accept()) {
          knocks.incrementAndGet();
          caller.setSoLinger(true, 0);
        } catch (IOException over) {
          // Of this connection, or of them all.
        }
      }
    }

    int knocks() {
      return knocks.get();
    }

    @Override
    public void close() throws Exception {
      socket.close();
      porter.join();
    }
  }

  @Test
  void runnerThatComesBackIsUsedSoon() throws Exception {
    int port = FreePorts.next();
    ScriptedRunnerServer first = rig.serveOn(port, afterTry(stream -> finish(stream, OK)));
    GrpcRunner runner = rig.runner(port);
    assertThat(run(runner, rig.call())).isEqualTo(TryResult.ok());
    first.close();
    await()
        .untilAsserted(
            () -> assertThat(run(runner, rig.call())).isInstanceOf(TryResult.NotPlaced.class));
    // It stays away while it is looked for again and again; ReconnectKeeperTest says how often.
    try (ClosedDoor door = new ClosedDoor(port)) {
      await().atMost(Duration.ofSeconds(30)).until(() -> door.knocks() >= 3);
    }
    rig.serveOn(port, afterTry(stream -> finish(stream, OK)));
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(run(runner, rig.call())).isEqualTo(TryResult.ok()));
  }

  @Test
  void closeWaitsForCallsAndRefusesNewOnes() throws Exception {
    CompletableFuture<ServerCall<ClientMsg, RunnerMsg>> open = new CompletableFuture<>();
    ScriptedRunnerServer server = rig.serve(afterTry(open::complete));
    GrpcRunner runner = rig.runner(server.port());
    CompletableFuture<TryResult> running = start(runner, rig.call(), CallContext.create());
    ServerCall<ClientMsg, RunnerMsg> stream = open.get(30, TimeUnit.SECONDS);
    Future<Void> closed = WaitingThread.start(() -> runner.close(Duration.ofSeconds(30)));
    TryResult refused = run(runner, rig.call());
    assertThat(refused).isInstanceOf(TryResult.NotPlaced.class);
    assertThat(((TryResult.NotPlaced) refused).error()).hasMessage("Runner is closed");
    assertThat(closed.isDone()).isFalse();
    finish(stream, OK);
    assertThat(running.get(30, TimeUnit.SECONDS)).isEqualTo(TryResult.ok());
    closed.get(30, TimeUnit.SECONDS);
  }
}
