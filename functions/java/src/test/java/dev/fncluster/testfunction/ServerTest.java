package dev.fncluster.testfunction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The function's server, spoken to over its real socket in plain HTTP. */
@Timeout(30)
final class ServerTest {
  @TempDir Path folder = Path.of("");
  private @Nullable ServerSocketChannel listener;

  @AfterEach
  void closeListener() throws IOException {
    if (listener != null) {
      listener.close();
    }
  }

  @Test
  void linksTheSocketThatEverybodyMayUseToTheExpectedName() throws IOException {
    start(new EchoFunction());

    Path socket = folder.resolve("lsnr.sock");
    assertThat(socket).isSymbolicLink();
    Path target = Files.readSymbolicLink(socket);
    assertThat(target.getParent()).as("a target in the same folder").isNull();
    assertThat(Files.getPosixFilePermissions(folder.resolve(target)))
        .isEqualTo(PosixFilePermissions.fromString("rw-rw-rw-"));
  }

  @Test
  void echoesSizedAndChunkedBodiesOnOneConnection() throws IOException {
    start(new EchoFunction());
    try (SocketChannel connection = connect()) {
      send(connection, "POST /call HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nHello");
      assertThat(receiveUntil(connection, "\r\n\r\nHello"))
          .startsWith("HTTP/1.1 200 OK\r\n")
          .contains("Content-Length: 5\r\n");

      send(connection, "POST /call HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nHel\r\n");
      send(connection, "2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n");
      assertThat(receiveUntil(connection, "\r\n\r\nHello")).contains("Function-Calls: 2\r\n");
    }
  }

  @Test
  void echoesABodyThatMemoryIsNotMeantFor() throws IOException {
    start(new EchoFunction());
    int length = 3 * Spool.MAX_BYTES_IN_MEMORY + 7;
    String body = "0123456789".repeat(length / 10 + 1).substring(0, length);
    try (SocketChannel connection = connect()) {
      send(connection, "POST /call HTTP/1.1\r\nContent-Length: " + length + "\r\n\r\n" + body);
      assertThat(receiveUntil(connection, "\r\n\r\n" + body))
          .contains("Content-Length: " + length + "\r\n");
    }
  }

  @Test
  void pausesWithinItsAnswer() throws IOException {
    start(new KnobFunction(Map.of()));
    try (SocketChannel connection = connect()) {
      send(connection, request("Fn-Deadline: x\r\n", "{\"pauseTime\":300}"));
      receiveUntil(connection, "\"pauseTime\":300}\r\n");
      assertThat(receiveUntil(connection, "\r\n0\r\n\r\n")).contains("\"trailer\":[]");
    }
  }

  @Test
  void saysThatAnEmptyAnswerIsEmpty() throws IOException {
    start(new EchoFunction());
    try (SocketChannel connection = connect()) {
      send(connection, "POST /call HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
      assertThat(receiveUntil(connection, "\r\n\r\n")).contains("Content-Length: 0\r\n");
    }
  }

  @Test
  void refusesOtherPathsAndMethods() throws IOException {
    start(new EchoFunction());
    try (SocketChannel connection = connect()) {
      send(connection, "GET /call HTTP/1.1\r\n\r\n");
      assertThat(receiveUntil(connection, "\r\n\r\n")).startsWith("HTTP/1.1 400 ");
      send(connection, "POST /other HTTP/1.1\r\nContent-Length: 2\r\n\r\nxx");
      assertThat(receiveUntil(connection, "\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    }
  }

  @Test
  void endsAConnectionThatDoesNotSpeakHttp() throws IOException {
    start(new EchoFunction());
    try (SocketChannel connection = connect()) {
      send(connection, "what is this\r\n");
      assertThat(connection.read(ByteBuffer.allocate(16))).isEqualTo(-1);
    }
  }

  @Test
  void doesWhatTheKnobsSay() throws IOException {
    start(new KnobFunction(Map.of("GREETING", "good morning")));
    String body =
        "{\"echoContent\":\"abc\",\"isDebug\":true,\"trailerRepeat\":2,\"responseCode\":202,\"responseContentType\":\"foo/bar\","
            + "\"returnHeaders\":{\"Return-Header\":[\"foo\",\"bar\"]},\"readFile\":\"/no/such/file\"}";
    try (SocketChannel connection = connect()) {
      send(connection, request("Fn-Deadline: x\r\n", body));
      assertThat(receiveUntil(connection, "\r\n0\r\n\r\n"))
          .startsWith("HTTP/1.1 200 OK\r\n")
          .contains("Fn-Http-Status: 202\r\n", "Content-Type: foo/bar\r\n")
          .contains("\r\nReturn-Header: foo\r\nReturn-Header: bar\r\n")
          .contains(
              "\"echoContent\":\"abc\",\"isDebug\":true,\"trailerRepeat\":2,",
              "\"returnHeaders\":{\"Return-Header\":[\"foo\",\"bar\"]}",
              "\"DockerId\":",
              "\"GREETING\":\"good morning\"",
              "\"trailer\":[\"abc\",\"abc\"]")
          .contains("/no/such/file.read_error");
    }
  }

  @Test
  void wrapsHeadersForTheGateway() throws IOException {
    start(new KnobFunction(Map.of()));
    try (SocketChannel connection = connect()) {
      send(
          connection,
          request(
              "Fn-Deadline: x\r\nFn-Intent: httprequest\r\n",
              "{\"returnHeaders\":{\"Zoo\":[\"lion\"]}}"));
      assertThat(receiveUntil(connection, "\r\n0\r\n\r\n")).contains("\r\nFn-Http-H-Zoo: lion\r\n");
    }
  }

  @Test
  void takesNonsenseAsNoWish() throws IOException {
    start(new KnobFunction(Map.of()));
    try (SocketChannel connection = connect()) {
      send(connection, request("Fn-Deadline: x\r\n", "{sleepTime\": 10000, \"isDebug\": true}"));
      assertThat(receiveUntil(connection, "\r\n0\r\n\r\n")).contains("\"request\":{}");
    }
  }

  @Test
  void refusesListenersThatAreNoUnixSockets() {
    assertThatThrownBy(() -> FunctionSocket.parse(null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FunctionSocket.parse("tcp:1"))
        .hasMessageContaining("FN_LISTENER is tcp:1");
    assertThat(FunctionSocket.parse("unix:/tmp/iofs/lsnr.sock").path())
        .isEqualTo(Path.of("/tmp/iofs/lsnr.sock"));
  }

  private void start(Function function) throws IOException {
    ServerSocketChannel opened = new FunctionSocket(folder.resolve("lsnr.sock")).open();
    listener = opened;
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            new Server(opened, function, Identity.random()).serve();
          } catch (ClosedChannelException stopped) {
            // The test is over.
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private SocketChannel connect() throws IOException {
    SocketChannel connection = SocketChannel.open(StandardProtocolFamily.UNIX);
    connection.connect(UnixDomainSocketAddress.of(folder.resolve("lsnr.sock")));
    return connection;
  }

  private static String request(String headers, String body) {
    return "POST /call HTTP/1.1\r\n"
        + headers
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private static void send(SocketChannel connection, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    while (bytes.hasRemaining()) {
      connection.write(bytes);
    }
  }

  private static String receiveUntil(SocketChannel connection, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    ByteBuffer part = ByteBuffer.allocate(8192);
    while (!text.toString().endsWith(end)) {
      part.clear();
      assertThat(connection.read(part)).as("more after: %s", text).isPositive();
      text.append(StandardCharsets.ISO_8859_1.decode(part.flip()));
    }
    return text.toString();
  }
}
