package dev.fncluster.runner.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.runner.docker.engine.EngineAddress;
import dev.fncluster.runner.driver.OutputListener;
import dev.fncluster.runner.driver.OutputSource;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens when an engine does what a good one never does. */
@Timeout(120)
final class ContainerOutputsTest {
  private static final String AGREED =
      "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
          + "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

  private final BlockingQueue<SocketChannel> connections = new LinkedBlockingQueue<>();
  private final StringBuffer read = new StringBuffer();
  private final CompletableFuture<Optional<Throwable>> ended = new CompletableFuture<>();
  private final OutputListener listener =
      new OutputListener() {
        @Override
        public void output(OutputSource source, ByteBuf bytes) {
          read.append(source).append(':').append(bytes.toString(StandardCharsets.UTF_8));
        }

        @Override
        public void flush() {}

        @Override
        public void resumed(Throwable why) {
          read.append("[").append(why.getMessage()).append("]");
        }

        @Override
        public void ended(@Nullable Throwable failure) {
          ended.complete(Optional.ofNullable(failure));
        }
      };

  private Path folder;
  private ServerSocketChannel engine;
  private ContainerOutputs outputs;
  private volatile boolean running = true;
  private CompletableFuture<String> answered = new CompletableFuture<>();

  @BeforeEach
  void open() throws IOException {
    folder = Files.createTempDirectory("engine");
    Path socket = folder.resolve("s.sock");
    engine = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    engine.bind(UnixDomainSocketAddress.of(socket));
    outputs =
        new ContainerOutputs(new EngineAddress(URI.create("unix://" + socket), "v1.41", null));
  }

  @AfterEach
  void close() throws IOException {
    outputs.close();
    engine.close();
    for (SocketChannel each : connections) {
      each.close();
    }
    Files.delete(folder.resolve("s.sock"));
    Files.delete(folder);
  }

  /** The engine answers the next connection with {@code answer}. */
  private CompletableFuture<String> answer(String answer, ByteBuf... more) {
    CompletableFuture<String> request = new CompletableFuture<>();
    answered = request;
    Thread.ofVirtual()
        .start(() -> {
          try {
            SocketChannel connection = engine.accept();
            connections.add(connection);
            StringBuilder head = new StringBuilder();
            var in = Channels.newInputStream(connection);
            while (head.indexOf("\r\n\r\n") < 0) {
              head.append((char) in.read());
            }
            OutputStream out = Channels.newOutputStream(connection);
            out.write(answer.getBytes(StandardCharsets.UTF_8));
            for (ByteBuf each : more) {
              each.readBytes(out, each.readableBytes());
            }
            request.complete(head.toString());
          } catch (IOException e) {
            request.completeExceptionally(e);
          }
        });
    return request;
  }

  private ContainerOutputs.Attachment attach() throws Exception {
    return outputs.attach("abc", listener, () -> running);
  }

  private void engineCloses() throws Exception {
    assertThat(answered.get(60, TimeUnit.SECONDS)).isNotEmpty();
    connections.remove().close();
  }

  @Test
  void readsUntilTheContainerEnds() throws Exception {
    // The first output may come in one piece with the answer.
    CompletableFuture<String> request =
        answer(AGREED, OutputFramesTest.frame(1, "a"), OutputFramesTest.frame(2, "b"));
    attach();
    assertThat(request.get(60, TimeUnit.SECONDS))
        .startsWith("POST /v1.41/containers/abc/attach?stream=1&stdout=1&stderr=1 HTTP/1.1\r\n")
        .containsIgnoringCase("upgrade: tcp");
    running = false;
    engineCloses();
    assertThat(ended.get(60, TimeUnit.SECONDS)).isEmpty();
    assertThat(read).hasToString("STDOUT:aSTDERR:b");
  }

  @Test
  void readsWhatAnEngineWithoutUpgradeSends() throws Exception {
    answer(
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n",
        OutputFramesTest.frame(1, "a"));
    attach();
    running = false;
    engineCloses();
    assertThat(ended.get(60, TimeUnit.SECONDS)).isEmpty();
    assertThat(read).hasToString("STDOUT:a");
  }

  @Test
  void attachesAgainToAContainerThatRuns() throws Exception {
    answer(AGREED, OutputFramesTest.frame(1, "abc").writerIndex(9));
    attach();
    engineCloses();
    // The engine is not quite ready yet.
    CompletableFuture<String> refused = answer("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
    assertThat(refused.get(60, TimeUnit.SECONDS)).startsWith("POST /v1.41/containers/abc/attach");
    CompletableFuture<String> again = answer(AGREED, OutputFramesTest.frame(2, "more"));
    assertThat(again.get(60, TimeUnit.SECONDS)).startsWith("POST /v1.41/containers/abc/attach");
    String gap = "[the Docker engine ended the output of a container that runs amid a piece of it]";
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(read).hasToString("STDOUT:a" + gap + "STDERR:more"));
    running = false;
    for (SocketChannel each : connections) {
      each.close();
    }
    assertThat(ended.get(60, TimeUnit.SECONDS)).isEmpty();
  }

  @Test
  void saysThatTheEndOfTheOutputIsLostWithTheEngine() throws Exception {
    answer(AGREED, OutputFramesTest.frame(1, "abc").writerIndex(9));
    attach();
    engine.close();
    engineCloses();
    // It is lost only once that time is over, and the test is about what is said then.
    Awaitility.await()
        .pollDelay(ContainerOutputs.DEATH_IS_KNOWN.plusMillis(500))
        .until(() -> !ended.isDone());
    running = false;
    assertThat(ended.get(60, TimeUnit.SECONDS))
        .hasValueSatisfying(why ->
            assertThat(why)
                .hasMessage(
                    "the Docker engine ended the output of a container that runs amid a piece of"
                        + " it"));
    assertThat(read).hasToString("STDOUT:a");
  }

  @Test
  void saysWhyAnEngineRefuses() {
    answer("HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\nno such");
    assertThatThrownBy(this::attach)
        .isInstanceOf(IOException.class)
        .rootCause()
        .hasMessage("it answered 404 Not Found no such");
    assertThat(ended).isNotDone();
  }

  @Test
  void saysThatThereIsNoEngine() throws Exception {
    engine.close();
    assertThatThrownBy(this::attach)
        .isInstanceOf(IOException.class)
        .hasMessage("the Docker engine gives no access to the output of a container");
  }

  @Test
  void givesUpOnAnEngineThatDoesNotAnswer() {
    answer("");
    assertThatThrownBy(this::attach).isInstanceOf(IOException.class);
  }

  @Test
  void opensNothingOnceClosed() {
    outputs.close();
    assertThatThrownBy(this::attach).isInstanceOf(IOException.class).hasMessage("the node stops");
  }
}
