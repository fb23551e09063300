package dev.fncluster.runnerpool.dns;

import static org.awaitility.Awaitility.await;

import dev.fncluster.api.testing.FreePorts;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A real name server, dnsmasq, that knows what a test tells it. */
final class NameServer implements AutoCloseable {
  private final Path folder;
  private final int port;
  private @Nullable Process process;

  NameServer(Path folder) {
    this.folder = folder;
    port = FreePorts.next();
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** Starts it with these options, after the end of what ran before. */
  void serve(String... options) throws IOException, InterruptedException {
    close();
    List<String> command =
        new ArrayList<>(
            List.of(
                "dnsmasq",
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--pid-file=",
                "--user=root",
                "--no-resolv",
                "--no-hosts",
                "--local=/test/",
                "--port=" + port,
                "--listen-address=127.0.0.1",
                "--bind-interfaces"));
    command.addAll(List.of(options));
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("dnsmasq.log").toFile())
            .start();
    process = started;
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> {
          if (!started.isAlive()) {
            throw new AssertionError(Files.readString(folder.resolve("dnsmasq.log")));
          }
          return answers();
        });
  }

  // Any answer will do.
  private boolean answers() throws IOException {
    byte[] name = "\1x\4test\0".getBytes(StandardCharsets.ISO_8859_1);
    byte[] question = new byte[12 + name.length + 4];
    question[2] = 1;
    question[5] = 1;
    System.arraycopy(name, 0, question, 12, name.length);
    question[question.length - 3] = 1;
    question[question.length - 1] = 1;
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(500);
      socket.connect(address());
      socket.send(new DatagramPacket(question, question.length));
      socket.receive(new DatagramPacket(new byte[512], 512));
      return true;
    } catch (java.net.SocketTimeoutException | java.net.PortUnreachableException e) {
      return false;
    }
  }

  @Override
  public void close() throws InterruptedException {
    Process running = process;
    if (running != null) {
      running.destroy();
      if (!running.waitFor(30, TimeUnit.SECONDS)) {
        running.destroyForcibly().waitFor();
      }
      process = null;
    }
  }
}
