package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.http.FrameClient.Frame;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.settings.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients of HTTP/2 that mean harm: none of them may harm the others. */
@Timeout(120)
final class Http2AbuseTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final byte[] EIGHT = new byte[8];
  private static final byte[] ONE_MORE = ByteBuffer.allocate(4).putInt(1).array();

  private final EventLoops loops = EventLoops.create(1, "test");
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private HttpServer server = build(Map.of());

  @AfterEach
  void stop() throws InterruptedException {
    server.close(Duration.ZERO);
    loops.close();
  }

  private HttpServer build(Map<String, String> settings) {
    return HttpServer.builder(loops, HttpServerSettings.from(Settings.of(settings)))
        .routes(routes -> {
          routes.add("POST", "/echo", new EchoHandler());
          routes.add("POST", "/unread", exchange -> {});
          routes.addBlocking("POST", "/read", (head, body) -> HttpResponse.empty(200));
          routes.add(Routes.ANY_METHOD, "/*rest", this::serve);
        })
        .build();
  }

  private void serve(HttpExchange exchange) {
    HttpRequestHead request = exchange.request();
    seen.add(request.method() + " " + request.url() + " " + request.headers().toMap());
    exchange.respond(HttpResponse.json(200, "{}"));
  }

  private FrameClient connect(Map<String, String> settings) throws IOException {
    server = build(settings);
    server.start();
    return FrameClient.connect(server.port());
  }

  /** Field by field what no request may have; each is a whole head. */
  static List<Arguments> heads() {
    String[] good = {":method", "GET", ":scheme", "http", ":path", "/x", ":authority", "h"};
    List<String[]> heads = new ArrayList<>();
    for (String[] more :
        new String[][] {
          {"transfer-encoding", "chunked"},
          {"connection", "close"},
          {"keep-alive", "1"},
          {"proxy-connection", "close"},
          {"upgrade", "h2c"},
          {"te", "gzip"},
          {"Upper", "1"},
          {"with blank", "1"},
          {"with\r\nline", "1"},
          {"with:colon", "1"},
          {"", "1"},
          {":unknown", "1"},
          {":status", "200"},
          {":path", "/again"},
          {"x", "a\r\nInjected: 1"},
          {"x", "a\nInjected: 1"},
          {"x", "a\rb"},
          {"x", "a\u0000b"},
          {"content-length", "x"},
          {"content-length", "-1"},
          {"content-length", "+0"},
          {"content-length", "3"}
        }) {
      String[] all = Arrays.copyOf(good, good.length + 2);
      all[good.length] = more[0];
      all[good.length + 1] = more[1];
      heads.add(all);
    }
    for (String[] instead :
        new String[][] {
          {":method", "GET\r\nInjected: 1"},
          {":method", "GET /y"},
          {":method", ""},
          {":path", "/x HTTP/1.1\r\nInjected: 1"},
          {":path", "/x y"},
          {":path", "/\u0000"},
          {":authority", "h\r\nInjected: 1"},
          {":authority", "u@h"},
          {":authority", "h/x"},
          {":authority", ""}
        }) {
      String[] all = good.clone();
      all[Arrays.asList(good).indexOf(instead[0]) + 1] = instead[1];
      heads.add(all);
    }
    for (int left = 0; left < 6; left += 2) {
      List<String> all = new ArrayList<>(List.of(good));
      all.remove(left);
      all.remove(left);
      heads.add(all.toArray(String[]::new));
    }
    return heads.stream().map(fields -> Arguments.of((Object) fields)).toList();
  }

  @ParameterizedTest
  @MethodSource("heads")
  void malformedHeadsReachNobody(String[] fields) throws Exception {
    try (FrameClient client = connect(Map.of())) {
      client.send(
          FrameClient.HEADERS,
          FrameClient.END_HEADERS | FrameClient.END_STREAM,
          1,
          FrameClient.fields(fields));

      assertThat(isRefused(client)).as(String.join(" ", fields)).isTrue();
      assertThat(seen).isEmpty();
    }
    assertServesOthers();
  }

  @Test
  void hostsThatDifferAreTheAuthority() throws Exception {
    try (FrameClient client = connect(Map.of())) {
      client.request(1, true, "GET", "/x", "host", "other");
      client.await(FrameClient.HEADERS);
    }
    assertThat(seen)
        .singleElement()
        .asString()
        .contains("http://localhost/x")
        .doesNotContain("other");
  }

  @ParameterizedTest
  @CsvSource({"6, 0, 8", "4, 0, 0", "8, 0, 4", "2, 1, 5", "11, 0, 8", "250, 0, 0"})
  void floodsOfFramesThatBringNothingEnd(int type, int stream, int length) throws Exception {
    try (FrameClient client = connect(Map.of())) {
      byte[] payload = length == 4 ? ONE_MORE : new byte[length];
      assertThat(floods(client, type, stream, payload)).isTrue();
    }
    assertServesOthers();
  }

  private static boolean floods(FrameClient client, int type, int stream, byte[] payload)
      throws IOException {
    try {
      // Answers are not read meanwhile: that must not matter, whatever the kernel takes.
      for (int i = 0; i <= FrameMeter.FREE_FRAMES; i++) {
        client.send(type, 0, stream, payload);
      }
    } catch (IOException closed) {
      return true;
    }
    return client.isRefused();
  }

  @Test
  void floodsOfEmptyDataEnd() throws Exception {
    try (FrameClient client = connect(Map.of())) {
      client.request(1, false, "POST", "/echo");
      assertThat(floods(client, FrameClient.DATA, 1, new byte[0])).isTrue();
    }
    assertServesOthers();
  }

  /** Of each, much more is kept than the byte that counts for the window. */
  @Test
  void floodsOfPiecesNobodyReadsEnd() throws Exception {
    try (FrameClient client = connect(Map.of())) {
      client.request(1, false, "POST", "/unread");
      assertThat(floods(client, FrameClient.DATA, 1, new byte[1])).isTrue();
    }
    assertServesOthers();
  }

  @Test
  void piecesThatAreReadMayBeShort() throws Exception {
    try (FrameClient client = connect(Map.of())) {
      client.request(1, false, "POST", "/read");
      for (int i = 0; i < 2 * FrameMeter.FREE_FRAMES; i++) {
        client.send(FrameClient.DATA, 0, 1, new byte[1]);
      }
      client.send(FrameClient.DATA, FrameClient.END_STREAM, 1, new byte[1]);
      assertThat(client.await(FrameClient.HEADERS).stream()).isEqualTo(1);
    }
  }

  /** What a client that reads much sends is no flood. */
  @Test
  void windowsMayBeWidenedAsDataIsRead() throws Exception {
    try (FrameClient client = connect(Map.of())) {
      byte[] piece = new byte[1000];
      client.request(1, false, "POST", "/echo");
      client.await(FrameClient.HEADERS);
      int pieces = FrameMeter.FREE_FRAMES * 2 / 5;
      for (int i = 0; i < pieces; i++) {
        client.send(FrameClient.DATA, 0, 1, piece);
        int left = piece.length;
        while (left > 0) {
          left -= client.await(FrameClient.DATA).payload().length;
        }
        byte[] half = ByteBuffer.allocate(4).putInt(piece.length / 2).array();
        client.send(FrameClient.WINDOW_UPDATE, 0, 0, half);
        client.send(FrameClient.WINDOW_UPDATE, 0, 0, half);
        client.send(FrameClient.WINDOW_UPDATE, 0, 1, half);
        client.send(FrameClient.WINDOW_UPDATE, 0, 1, half);
      }
      client.send(FrameClient.DATA, FrameClient.END_STREAM, 1, new byte[0]);
      assertThat(client.await(FrameClient.DATA).endsStream()).isTrue();
    }
  }

  /**
   * As of clients that ask twice and call off the slower answer, or of a proxy for many that leave.
   */
  @Test
  void resetsBesideAnswersAreNoFlood() throws Exception {
    try (FrameClient client = connect(Map.of())) {
      int stream = 1;
      for (int i = 0; i < 3 * Http2Connection.FREE_RAPID_RESETS; i++, stream += 4) {
        client.request(stream, true, "GET", "/x");
        assertThat(client.await(FrameClient.DATA).stream()).isEqualTo(stream);
        client.request(stream + 2, false, "POST", "/unread");
        client.send(FrameClient.RST_STREAM, 0, stream + 2, new byte[] {0, 0, 0, 8});
      }
      client.request(stream, true, "GET", "/x");
      assertThat(client.await(FrameClient.DATA).stream()).isEqualTo(stream);
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "2147483647"})
  void windowsThatCannotBeEndTheStreamOrTheConnection(int increment) throws Exception {
    try (FrameClient client = connect(Map.of())) {
      client.send(
          FrameClient.WINDOW_UPDATE, 0, 0, ByteBuffer.allocate(4).putInt(increment).array());
      assertThat(client.isRefused()).isTrue();
    }
    assertServesOthers();
  }

  @Test
  void headsThatAreSentTooSlowlyEndTheConnection() throws Exception {
    try (FrameClient client = connect(Map.of("FN_REQUEST_HEADER_READ_TIMEOUT", "2s"))) {
      client.request(1, true, "GET", "/x");
      client.await(FrameClient.HEADERS);
      // A head that goes on for as long as one lets it, with another request under way.
      client.request(3, false, "POST", "/echo");
      client.await(FrameClient.HEADERS);
      client.send(FrameClient.HEADERS, 0, 5, FrameClient.block("GET", "/x"));
      assertThat(dribbles(client)).isTrue();
    }
    assertServesOthers();
  }

  private static boolean dribbles(FrameClient client) {
    try {
      for (long end = System.nanoTime() + BOUND.toNanos(); System.nanoTime() < end; ) {
        client.send(FrameClient.CONTINUATION, 0, 5, new byte[] {0, 1, 'a', 1, 'b'});
        // A peer that is slow on purpose: without the pause its head would soon be too long, which
        // ends it as well.
        Thread.sleep(100);
      }
      return false;
    } catch (IOException closed) {
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Test
  void halfAPrefaceIsAHeadThatDoesNotEnd() throws Exception {
    server = build(Map.of("FN_REQUEST_HEADER_READ_TIMEOUT", "1s"));
    server.start();
    try (RawClient client = RawClient.connect(server.port())) {
      client.send("PRI * HTTP/2.0\r\n\r\nSM");
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void headersAreCounted() throws Exception {
    try (FrameClient client = connect(Map.of())) {
      String[] fields = new String[2 * (CountedHeaders.MAX + 1)];
      for (int i = 0; i < fields.length; i += 2) {
        fields[i] = "a";
        fields[i + 1] = "b";
      }
      client.request(1, true, "GET", "/x", fields);
      assertThat(isRefused(client)).isTrue();
      assertThat(seen).isEmpty();
    }
    assertServesOthers();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 1", // DATA that belongs to no stream
    "0, 0, 3, 1", // DATA of a stream that was not opened
    "1, 5, 2, 0", // a request with a number of ours
    "3, 0, 0, 4", // a reset of the connection
    "4, 1, 0, 6", // settings that are acknowledged and sent
    "4, 0, 0, 5", // settings that are cut
    "5, 4, 1, 4", // a promise, which is not for clients to make
    "6, 0, 1, 8", // a ping of a stream
    "6, 0, 0, 7", // a ping that is cut
    "7, 0, 1, 8", // a goodbye of a stream
    "8, 0, 0, 3", // a window that is cut
    "9, 4, 1, 1", // the rest of a head that did not begin
    "0, 8, 1, 1" // padding that is longer than its frame
  })
  void framesAgainstTheRulesEndTheConnection(int type, int flags, int stream, int length)
      throws Exception {
    try (FrameClient client = connect(Map.of())) {
      client.send(
          type, flags, stream, length == 8 ? EIGHT : new byte[] {9, 0, 0, 0, 0, 0, 0}, length);
      assertThat(client.isRefused()).isTrue();
      assertThat(seen).isEmpty();
    }
    assertServesOthers();
  }

  @Test
  void framesThatAreTooLongEndTheConnection() throws Exception {
    try (FrameClient client = connect(Map.of())) {
      client.request(1, false, "POST", "/echo");
      client.send(FrameClient.DATA, 0, 1, new byte[16 * 1024 + 1]);
      assertThat(client.isRefused()).isTrue();
    }
    assertServesOthers();
  }

  // Refused is a stream that is reset or answered with an error, and a connection that ends.
  private static boolean isRefused(FrameClient client) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Frame frame = client.next(); frame != null; frame = client.next()) {
      if (frame.type() == FrameClient.RST_STREAM) {
        return true;
      }
      if (frame.stream() == 1 && frame.type() == FrameClient.DATA) {
        text.append(new String(frame.payload(), StandardCharsets.UTF_8));
      }
      if (frame.stream() == 1 && frame.endsStream()) {
        return text.toString().startsWith("4") || frame.type() == FrameClient.HEADERS;
      }
    }
    return true;
  }

  private void assertServesOthers() throws IOException {
    seen.clear();
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, true, "GET", "/x");
      client.await(FrameClient.DATA);
    }
    assertThat(seen).hasSize(1);
    await().atMost(BOUND).until(() -> server.connectionCount() == 0);
  }
}
