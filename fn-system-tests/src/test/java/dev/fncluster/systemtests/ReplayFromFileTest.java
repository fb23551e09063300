package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.runnerpool.grpc.RunnerMessages;
import dev.fncluster.runnerpool.grpc.RunnerScripts;
import dev.fncluster.runnerpool.grpc.ScriptedRunnerServer;
import io.grpc.ServerCall;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A runner takes more of a body than is kept in memory, and only then refuses the call. Runners of
 * ours don't: they read nothing before they have a container. So the one that refuses is scripted;
 * the one that has the call then is real, and so is its function, which sends back all it got.
 */
@Tag("docker")
@ExtendWith(ClusterExtension.class)
final class ReplayFromFileTest {
  private static final Duration BOUND = Duration.ofSeconds(90);
  private static final int MEBIBYTE = 1 << 20;
  private static final int BODY = 8 * MEBIBYTE;
  private static final int READ_BEFORE_ANSWER = 5 * MEBIBYTE;
  private static final int MOST_ATTEMPTS = 30;

  @TempDir Path folder;

  /** Reads that much of each body, and then refuses the call or leaves it where it is. */
  private static final class Reader implements ScriptedRunnerServer.Script {
    private final Map<ServerCall<ClientMsg, RunnerMsg>, AtomicLong> read =
        new ConcurrentHashMap<>();
    private final AtomicInteger done = new AtomicInteger();
    private final boolean refuses;
    private volatile Runnable beforeRefusal = () -> {};

    Reader(boolean refuses) {
      this.refuses = refuses;
    }

    @Override
    public void message(ServerCall<ClientMsg, RunnerMsg> stream, ClientMsg message) {
      long bytes =
          read.computeIfAbsent(stream, key -> new AtomicLong())
              .addAndGet(message.getData().getData().size());
      if (bytes < READ_BEFORE_ANSWER) {
        stream.request(1);
        return;
      }
      if (refuses) {
        beforeRefusal.run();
        RunnerScripts.finish(stream, RunnerMessages.BUSY);
      }
      done.incrementAndGet();
    }
  }

  private NodeProcess balancer(Cluster cluster, String name, String runners) {
    return cluster.addLoadBalancer(
        name, runners, Map.of("FN_REPLAY_DIR", folder.toString(), "FN_RUNNER_PROBE_INTERVAL", "0"));
  }

  @Test
  void nextRunnerGetsAllOfTheBodyFromTheFile(Cluster cluster) throws Exception {
    Reader refusing = new Reader(true);
    AtomicInteger filesOpen = new AtomicInteger();
    try (ScriptedRunnerServer first = ScriptedRunnerServer.forgetful(refusing)) {
      NodeProcess balancer =
          balancer(
              cluster,
              "lb-replay",
              "127.0.0.1:"
                  + first.port()
                  + ",127.0.0.1:"
                  + cluster.runners().getFirst().grpcPort());
      refusing.beforeRefusal = () -> filesOpen.addAndGet(balancer.openFiles(folder).size());
      FnClient client = cluster.client().callingAt(balancer);
      FnClient.CreatedFn fn = client.createEcho();
      byte[] body = body();

      // Where the search begins is a matter of chance.
      for (int i = 0; i < MOST_ATTEMPTS && refusing.done.get() < 2; i++) {
        assertThat(echo(client, fn, body)).as("call %s", i).isEqualTo(body);
      }

      assertThat(refusing.done.get()).isEqualTo(2);
      assertThat(filesOpen.get()).as("open at the refusals").isEqualTo(2);
      assertNoFiles(balancer);
      balancer.close();
    }
  }

  @Test
  void fileIsGoneWithItsClient(Cluster cluster) throws Exception {
    Reader holding = new Reader(false);
    try (ScriptedRunnerServer only = ScriptedRunnerServer.forgetful(holding)) {
      NodeProcess balancer = balancer(cluster, "lb-left", "127.0.0.1:" + only.port());
      FnClient client = cluster.client().callingAt(balancer);
      byte[] part = new byte[64 << 10];
      try (StreamingCall call = StreamingCall.post(client.invokeUri(client.createEcho()))) {
        for (int sent = 0; sent < READ_BEFORE_ANSWER + part.length; sent += part.length) {
          call.send(part, part.length);
        }
        await().atMost(BOUND).until(() -> holding.done.get() == 1);
        assertThat(balancer.openFiles(folder)).hasSize(1);
      }
      // Closed as by the kernel when the client is killed: in the midst of its body.
      await().atMost(BOUND).until(() -> only.cancelled.get() == 1);
      assertNoFiles(balancer);
      balancer.close();
    }
  }

  private void assertNoFiles(NodeProcess balancer) {
    await().atMost(BOUND).until(() -> balancer.openFiles(folder).isEmpty());
    assertThat(folder).isEmptyDirectory();
  }

  private static byte[] body() {
    byte[] body = new byte[BODY];
    new SplittableRandom(7).nextBytes(body);
    return body;
  }

  private static byte[] echo(FnClient client, FnClient.CreatedFn fn, byte[] body)
      throws IOException {
    try (StreamingCall call = StreamingCall.post(client.invokeUri(fn))) {
      CompletableFuture<Void> sent =
          CompletableFuture.runAsync(() -> send(call, body), Thread::startVirtualThread);
      assertThat(call.readHead()).isEqualTo(200);
      ByteArrayOutputStream all = new ByteArrayOutputStream(body.length);
      byte[] part = new byte[64 << 10];
      for (int count = call.read(part); count >= 0; count = call.read(part)) {
        all.write(part, 0, count);
      }
      sent.join();
      return all.toByteArray();
    }
  }

  private static void send(StreamingCall call, byte[] body) {
    byte[] part = new byte[64 << 10];
    try {
      for (int from = 0; from < body.length; from += part.length) {
        int count = Math.min(part.length, body.length - from);
        System.arraycopy(body, from, part, 0, count);
        call.send(part, count);
      }
      call.endRequest();
    } catch (IOException failure) {
      throw new CompletionException(failure);
    }
  }
}
