package dev.fncluster.systemtests.conformance;

import static dev.fncluster.systemtests.conformance.ScriptedFunction.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A load balancer that is stopped with calls on their way, over both protocols: those end as if
 * nothing were, and their clients hear that the connection takes no more.
 */
@Timeout(300)
final class DrainTest {
  private static final Duration BOUND = Duration.ofSeconds(90);

  @Test
  void callsEndWellWhileTheirNodeStops() throws Exception {
    CountDownLatch entered = new CountDownLatch(2);
    CountDownLatch goOn = new CountDownLatch(1);
    try (LocalCluster cluster = LocalCluster.start()) {
      LocalCluster.Fn fn =
          cluster
              .createFn(body -> body.put("timeout", 120))
              .answers(seen -> {
                entered.countDown();
                goOn.await(BOUND.toSeconds(), TimeUnit.SECONDS);
                return reply(200, "the answer to " + seen.body());
              });
      int port = cluster.front().port();
      Process http2 = curl(port, fn.id);
      try (Socket http1 = new Socket(InetAddress.getLoopbackAddress(), port);
          Socket idle = new Socket(InetAddress.getLoopbackAddress(), port)) {
        for (Socket each : new Socket[] {http1, idle}) {
          each.setSoTimeout((int) BOUND.toMillis());
        }
        send(
            http1,
            "POST /invoke/" + fn.id + " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\none");
        send(idle, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        BufferedInputStream idleIn = new BufferedInputStream(idle.getInputStream());
        Wire.body(Wire.head(idleIn), idleIn, false);
        assertThat(entered.await(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();

        FutureTask<Void> stop = new FutureTask<>(cluster::stopFront, null);
        Thread.ofVirtual().start(stop);
        assertThat(idleIn.read()).as("an idle connection is closed").isNegative();
        await().atMost(BOUND).untilAsserted(() -> assertThatThrownBy(() -> touch(port)));
        assertThat(stop.isDone()).isFalse();
        goOn.countDown();

        BufferedInputStream in = new BufferedInputStream(http1.getInputStream());
        Wire.Head head = Wire.head(in);
        assertThat(head.firstLine()).startsWith("HTTP/1.1 200");
        assertThat(head.all("Connection")).containsExactly("close");
        assertThat(Wire.body(head, in, false)).isEqualTo("the answer to one");
        assertThat(in.read()).isNegative();
        String told = new String(http2.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(http2.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(told).startsWith("HTTP/2 200").endsWith("the answer to two");
        stop.get(BOUND.toSeconds(), TimeUnit.SECONDS);
      } finally {
        goOn.countDown();
        http2.destroyForcibly();
      }
    }
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  private static void touch(int port) throws IOException {
    new Socket(InetAddress.getLoopbackAddress(), port).close();
  }

  private static Process curl(int port, String fnId) throws IOException {
    return new ProcessBuilder(
            "curl",
            "-s",
            "-i",
            "--http2-prior-knowledge",
            "-m",
            Long.toString(BOUND.toSeconds()),
            "--data",
            "two",
            "http://127.0.0.1:" + port + "/invoke/" + fnId)
        .redirectErrorStream(true)
        .start();
  }
}
