package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.http.FrameClient.Frame;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.settings.Settings;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 without TLS, as clients speak it that know beforehand that we do. */
@Timeout(120)
class Http2ServerTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final int NO_ERROR = 0;
  private static final int INTERNAL_ERROR = 2;
  private static final int FIRST_WINDOW = 64 * 1024 - 1;

  private final EventLoops loops = EventLoops.create(1, "test");
  private final EchoHandler echo = new EchoHandler();
  private final List<HttpExchange> held = new CopyOnWriteArrayList<>();
  private final List<CancelCause> causes = new CopyOnWriteArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private HttpServer server = build(Map.of());

  @AfterEach
  void stop() throws InterruptedException {
    server.close(Duration.ZERO);
    loops.close();
  }

  @Test
  void answersWithHeadersAndBody() throws Exception {
    start(Map.of());
    assertThat(curl("/json").lines())
        .contains("content-type: application/json; charset=utf-8", "content-length: 7")
        .anyMatch(line -> line.startsWith("HTTP/2 200"))
        .anyMatch(line -> line.startsWith("date: "))
        .last()
        .isEqualTo("{\"a\":1}");
  }

  @Test
  void longBodiesAreEchoed(@TempDir Path folder) throws Exception {
    start(Map.of());
    byte[] body = new byte[20 * 1024 * 1024];
    new Random(1).nextBytes(body);
    Path sent = Files.write(folder.resolve("sent"), body);
    Path echoed = folder.resolve("echoed");
    curl("/echo", "--data-binary", "@" + sent, "--no-include", "--output", echoed.toString());
    assertThat(echoed).hasBinaryContent(body);
  }

  @Test
  void handlersSeeTheSameHeadAsOverHttp1() throws Exception {
    start(Map.of());
    String head = curl("/head/a%20b?q=1", "-H", "X-Foo: 1", "-H", "X-Foo: 2", "-b", "c=d");
    assertThat(head)
        .contains(
            "GET /head/a%20b?q=1 /head/a b localhost:" + server.port(),
            "X-Foo=[1, 2]",
            "Cookie=[c=d]")
        .doesNotContain(":path", ":authority");
  }

  @Test
  void headAnswersHaveNoBody() throws Exception {
    start(Map.of());
    assertThat(curl("/any", "-I"))
        .contains("HTTP/2 200", "content-length: 3")
        .doesNotContain("any");
  }

  @Test
  void unknownPathsAndMethodsGetTheUsualErrors() throws Exception {
    start(Map.of());
    assertThat(curl("/nope")).contains("HTTP/2 404", "Path not found: GET /nope");
    assertThat(curl("/json", "-X", "PUT")).contains("HTTP/2 405", "Method not allowed: PUT /json");
  }

  @Test
  void bodiesOverTheLimitGet413() throws Exception {
    start(Map.of("FN_MAX_REQUEST_SIZE", "10"));
    assertThat(curl("/read", "-d", "12345678901")).contains("HTTP/2 413");
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, false, "POST", "/read");
      client.send(FrameClient.DATA, 0, 1, new byte[11]);
      Frame head = client.await(FrameClient.HEADERS);
      assertThat(new String(head.payload(), StandardCharsets.ISO_8859_1)).isNotEmpty();
      assertThat(client.await(FrameClient.RST_STREAM).errorCode()).isEqualTo(NO_ERROR);
      assertServes(client, 3);
    }
  }

  /** As curl does with a body that takes its time: it forgets answers whose stream is reset. */
  @Test
  void clientsMaySendTheirBodyToTheEndAfterTheAnswer() throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, false, "POST", "/nope");
      assertThat(client.await(FrameClient.DATA).endsStream()).isTrue();
      assertTakesRestOfBody(client, FIRST_WINDOW);
      assertServes(client, 3);
    }
  }

  /** Functions may answer when they have seen enough; the client is held back then. */
  @Test
  void clientsMaySendTheirBodyToTheEndAfterAnAnswerThatHeldThemBack() throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, false, "POST", "/hold");
      for (int i = 0; i < 4; i++) {
        client.send(FrameClient.DATA, 0, 1, new byte[16 * 1024 - 1]);
      }
      await().atMost(BOUND).until(() -> !held.isEmpty());
      held.getFirst().respond(HttpResponse.empty(200));
      assertTakesRestOfBody(client, FIRST_WINDOW - 4 * (16 * 1024 - 1));
      assertServes(client, 3);
    }
  }

  private static void assertTakesRestOfBody(FrameClient client, int windowLeft) throws IOException {
    byte[] piece = new byte[16 * 1024 - 1];
    int window = windowLeft;
    for (int sent = 0; sent < 512 * 1024; sent += piece.length) {
      while (window < piece.length) {
        Frame frame = client.next();
        assertThat(frame).isNotNull();
        assertThat(frame.type()).isNotEqualTo(FrameClient.RST_STREAM);
        if (frame.type() == FrameClient.WINDOW_UPDATE && frame.stream() == 1) {
          window += ByteBuffer.wrap(frame.payload()).getInt();
        }
      }
      client.send(FrameClient.DATA, 0, 1, piece);
      window -= piece.length;
    }
    client.send(FrameClient.DATA, FrameClient.END_STREAM, 1, new byte[1]);
  }

  @Test
  void slowUploadsGetTheirEarlyAnswer() throws Exception {
    start(Map.of("FN_MAX_REQUEST_SIZE", "10"));
    // The shell's pause is the client's: it makes the answer come before the body's end.
    assertThat(
            run(
                "sh",
                "-c",
                "(sleep 0.3; printf 12345678901) | curl -s -i --http2-prior-knowledge -m 60"
                    + " -X POST -H 'Content-Length: 11' -T - http://localhost:"
                    + server.port()
                    + "/read"))
        .contains("HTTP/2 413");
  }

  @Test
  void bodiesNobodyReadsHoldTheirClientBackAndNotTheOtherStreams() throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, false, "POST", "/hold");
      for (int i = 0; i < 4; i++) {
        client.send(FrameClient.DATA, 0, 1, new byte[16 * 1024 - 1]);
      }
      client.send(FrameClient.PING, 0, 0, new byte[8]);
      for (Frame frame = client.next(); ; frame = client.next()) {
        assertThat(frame).isNotNull();
        assertThat(frame.type() == FrameClient.WINDOW_UPDATE && frame.stream() == 1).isFalse();
        if (frame.type() == FrameClient.PING) {
          break;
        }
      }
      assertServes(client, 3);
    }
  }

  @Test
  void clientsThatTakeNothingHoldTheAnswerBack() throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, true, "GET", "/hold");
      await().atMost(BOUND).until(() -> !held.isEmpty());
      HttpExchange exchange = held.getFirst();
      exchange
          .eventLoop()
          .submit(() -> {
            exchange.response().head(200, new Headers());
            exchange.response().data(Unpooled.wrappedBuffer(new byte[1 << 20]));
          });
      await().atMost(BOUND).until(() -> !onLoop(exchange, exchange.response()::isWritable));
      int received = 0;
      while (received < 65_535) {
        received += client.await(FrameClient.DATA).payload().length;
      }
      byte[] increment = ByteBuffer.allocate(4).putInt(2 << 20).array();
      client.send(FrameClient.WINDOW_UPDATE, 0, 0, increment);
      client.send(FrameClient.WINDOW_UPDATE, 0, 1, increment);
      while (received < 1 << 20) {
        received += client.await(FrameClient.DATA).payload().length;
      }
      await().atMost(BOUND).until(() -> onLoop(exchange, exchange.response()::isWritable));
      exchange.complete(null);
      assertThat(client.await(FrameClient.DATA).endsStream()).isTrue();
    }
  }

  @Test
  void failuresAfterTheHeadResetTheirStreamOnly() throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, true, "GET", "/breaks");
      Frame reset = client.await(FrameClient.RST_STREAM);
      assertThat(reset.stream()).isEqualTo(1);
      assertThat(reset.errorCode()).isEqualTo(INTERNAL_ERROR);
      assertServes(client, 3);
    }
  }

  @Test
  void resetStreamsAndLostConnectionsCancelTheirCalls() throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, true, "GET", "/hold");
      client.request(3, false, "POST", "/hold");
      await().atMost(BOUND).until(() -> held.size() == 2);
      client.send(FrameClient.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8});
      await().atMost(BOUND).until(() -> causes.equals(List.of(CancelCause.CLIENT_GONE)));
      assertServes(client, 5);
    }
    await()
        .atMost(BOUND)
        .until(() -> causes.equals(List.of(CancelCause.CLIENT_GONE, CancelCause.CLIENT_GONE)));
    await().atMost(BOUND).until(() -> server.connectionCount() == 0);
  }

  @Test
  void resetsAreNotAnsweredByResets() throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, true, "GET", "/hold");
      client.request(3, false, "POST", "/nope");
      assertThat(client.await(FrameClient.DATA).endsStream()).isTrue();
      HttpExchange call = held.getFirst();
      call.context().onCancel(cause -> call.complete(InvocationErrors.clientCancelled()));
      client.send(FrameClient.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8});
      client.send(FrameClient.RST_STREAM, 0, 3, new byte[] {0, 0, 0, 8});
      await().atMost(BOUND).until(() -> causes.equals(List.of(CancelCause.CLIENT_GONE)));
      client.request(5, true, "GET", "/json");
      Frame frame = client.next();
      while (frame != null && !(frame.stream() == 5 && frame.endsStream())) {
        assertThat(frame.type()).isNotEqualTo(FrameClient.RST_STREAM);
        frame = client.next();
      }
      assertThat(frame).isNotNull();
    }
  }

  /** What the codec finds wrong with a stream, after its call has begun. */
  @ParameterizedTest
  @CsvSource({
    "8, 0, 4", // a window that is widened by nothing
    "0, 1, 2", // a body that is shorter than announced
    "0, 0, 4", // a body that is longer than announced
    "2, 0, 3", // a priority that is cut
  })
  void streamsThatTheirClientBreaksEndTheirCalls(int type, int flags, int length) throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, false, "POST", "/body", "content-length", "3");
      await().atMost(BOUND).until(() -> !held.isEmpty());
      client.send(type, flags, 1, new byte[length]);
      client.await(FrameClient.RST_STREAM);
      await().atMost(BOUND).until(() -> causes.equals(List.of(CancelCause.CLIENT_GONE)));
      await().atMost(BOUND).until(() -> failures.size() == 1);
      assertServes(client, 3);
    }
  }

  /** Calls of others may share the connection, on the way through a proxy. */
  @Test
  void answersThatBreakOffLeaveTheOtherStreamsAlone() throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, true, "GET", "/hold");
      int stream = 3;
      for (int i = 0; i < 500; i++, stream += 2) {
        client.request(stream, true, "GET", "/breaks-off");
        Frame reset = client.await(FrameClient.RST_STREAM);
        assertThat(reset.stream()).isEqualTo(stream);
        assertThat(reset.errorCode()).isEqualTo(INTERNAL_ERROR);
      }
      assertThat(causes).isEmpty();
      assertServes(client, stream);
    }
  }

  /** As rapid resets, but it is the server that is made to reset. */
  @Test
  void streamsThatAreBrokenOneAfterTheOtherEndTheConnection() throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      assertThat(
              refusedAfter(
                  client,
                  i -> {
                    client.request(2 * i + 1, true, "GET", "/hold");
                    client.send(FrameClient.WINDOW_UPDATE, 0, 2 * i + 1, new byte[4]);
                  }))
          .isTrue();
    }
    assertServesOthers();
  }

  /** The end of an answer may still be in the kernel when its stream is over. */
  @Test
  void drainLetsClientsReadTheirAnswersToTheEnd() throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.withReceiveBuffer(server.port(), 8 * 1024)) {
      byte[] window = ByteBuffer.allocate(4).putInt(1 << 24).array();
      client.send(
          FrameClient.SETTINGS,
          0,
          0,
          ByteBuffer.allocate(6).putShort((short) 4).put(window).array());
      client.send(FrameClient.WINDOW_UPDATE, 0, 0, window);
      client.request(1, true, "GET", "/hold");
      await().atMost(BOUND).until(() -> !held.isEmpty());
      Thread closing = Thread.ofVirtual().start(() -> close(BOUND));
      client.await(FrameClient.GOAWAY);
      client.await(FrameClient.GOAWAY);
      held.getFirst().respond(new HttpResponse(200, new Headers(), new byte[1 << 20]));
      int received = 0;
      boolean ended = false;
      while (!ended) {
        Frame data = client.await(FrameClient.DATA);
        received += data.payload().length;
        ended = data.endsStream();
        client.send(FrameClient.WINDOW_UPDATE, 0, 0, new byte[] {0, 0, 0, 1});
      }
      assertThat(received).isEqualTo(1 << 20);
      assertThat(client.next()).isNull();
      client.close();
      closing.join(BOUND);
      assertThat(server.connectionCount()).isZero();
    }
  }

  @Test
  void drainSaysGoodbyeAndLetsStreamsEnd() throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, true, "GET", "/hold");
      await().atMost(BOUND).until(() -> !held.isEmpty());
      Thread closing = Thread.ofVirtual().start(() -> close(BOUND));
      client.await(FrameClient.GOAWAY);
      Frame goodbye = client.await(FrameClient.GOAWAY);
      assertThat(goodbye.payload()).startsWith(0, 0, 0, 1, 0, 0, 0, 0);
      held.getFirst().respond(HttpResponse.json(200, "\"late\""));
      Frame data = client.await(FrameClient.DATA);
      assertThat(new String(data.payload(), StandardCharsets.UTF_8)).isEqualTo("\"late\"");
      assertThat(data.endsStream()).isTrue();
      assertThat(client.next())
          .satisfiesAnyOf(
              frame -> assertThat(frame).isNull(),
              frame -> assertThat(frame.type()).isEqualTo(FrameClient.GOAWAY));
      client.close();
      closing.join(BOUND);
      assertThat(server.connectionCount()).isZero();
    }
  }

  @Test
  void slowBodiesGet408() throws Exception {
    start(Map.of("FN_REQUEST_BODY_READ_TIMEOUT", "50ms"));
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, false, "POST", "/read");
      client.await(FrameClient.HEADERS);
      Frame data = client.await(FrameClient.DATA);
      assertThat(new String(data.payload(), StandardCharsets.UTF_8)).contains("not sent in time");
    }
  }

  @Test
  void stalledAnswersAreReset() throws Exception {
    start(Map.of("FN_RESPONSE_WRITE_TIMEOUT", "100ms"));
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, true, "GET", "/hold");
      await().atMost(BOUND).until(() -> !held.isEmpty());
      HttpExchange exchange = held.getFirst();
      exchange
          .eventLoop()
          .execute(() -> {
            exchange.response().head(200, new Headers());
            exchange.response().data(Unpooled.wrappedBuffer(new byte[1 << 20]));
          });
      assertThat(client.await(FrameClient.RST_STREAM).errorCode()).isEqualTo(INTERNAL_ERROR);
      await().atMost(BOUND).until(() -> causes.equals(List.of(CancelCause.CLIENT_GONE)));
      byte[] increment = ByteBuffer.allocate(4).putInt(1 << 20).array();
      client.send(FrameClient.WINDOW_UPDATE, 0, 0, increment);
      assertServes(client, 3);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"FN_HTTP_IDLE_TIMEOUT", "FN_REQUEST_HEADER_READ_TIMEOUT"})
  void silentConnectionsAreClosed(String setting) throws Exception {
    start(Map.of(setting, "1s"));
    try (FrameClient client = FrameClient.connect(server.port())) {
      assertThat(client.isRefused()).isFalse();
      // The client does not close: that is not waited for without end.
      await().atMost(BOUND).until(() -> server.connectionCount() == 0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', 400 Bad Request",
    "no-slash, 400 Bad Request",
    "http://localhost/json, 400 Bad Request",
    "/%zz, {\"message\":\"Path malformed\"}",
  })
  void malformedTargetsAreRefused(String path, String expected) throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, true, "GET", path);
      Frame answer = client.next();
      while (answer != null && answer.stream() != 1) {
        answer = client.next();
      }
      assertThat(answer).isNotNull();
      if (answer.type() == FrameClient.HEADERS) {
        Frame data = client.await(FrameClient.DATA);
        assertThat(new String(data.payload(), StandardCharsets.US_ASCII).strip())
            .isEqualTo(expected);
      } else {
        assertThat(answer.type()).isEqualTo(FrameClient.RST_STREAM);
      }
      assertServes(client, 3);
    }
  }

  /** As a proxy does whose clients leave: those who wait behind it must not suffer. */
  @Test
  void streamsThatLivedForAWhileMayBeReset() throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      int stream = 1;
      for (int turn = 1; turn <= 4; turn++) {
        int first = stream;
        for (; stream < first + 200; stream += 2) {
          client.request(stream, true, "GET", "/hold");
        }
        int count = turn * 100;
        await().atMost(BOUND).until(() -> held.size() == count);
        long begun = System.nanoTime();
        await().atMost(BOUND).until(() -> System.nanoTime() - begun > 60_000_000);
        for (int each = first; each < stream; each += 2) {
          client.send(FrameClient.RST_STREAM, 0, each, new byte[] {0, 0, 0, 8});
        }
        await().atMost(BOUND).until(() -> causes.size() == count);
      }
      assertServes(client, stream);
    }
  }

  @Test
  void rapidResetsEndTheConnection() throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      assertThat(
              refusedAfter(
                  client,
                  i -> {
                    client.request(2 * i + 1, true, "GET", "/hold");
                    client.send(FrameClient.RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8});
                  }))
          .isTrue();
    }
    assertServesOthers();
  }

  @Test
  void endlessContinuationsEndTheConnection() throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.send(FrameClient.HEADERS, 0, 1, FrameClient.block("GET", "/json"));
      assertThat(
              refusedAfter(
                  client,
                  i -> client.send(FrameClient.CONTINUATION, 0, 1, new byte[] {0, 1, 'a', 1, 'b'})))
          .isTrue();
    }
    assertServesOthers();
  }

  @Test
  void tooLongHeadsAreRefused() throws Exception {
    start(Map.of("FN_MAX_REQUEST_HEADER_SIZE", "256"));
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, true, "GET", "/json", "x-long", "a".repeat(80));
      Frame answer = client.await(FrameClient.HEADERS);
      assertThat(answer.endsStream()).isTrue();
      assertServes(client, 3);
      String half = "a".repeat(120);
      client.request(5, true, "GET", "/json", "x-long", half, "y-long", half, "z-long", half);
      assertThat(client.isRefused()).isTrue();
    }
    assertServesOthers();
  }

  /** As many as a client opens before it has read how many it may. */
  @Test
  void moreStreamsThanAllowedAreRefused() throws Exception {
    start(Map.of());
    try (FrameClient client = FrameClient.connect(server.port())) {
      int refused = 300;
      int stream = 1;
      for (int i = 0; i < Http2Connection.MAX_STREAMS + refused; i++, stream += 2) {
        client.request(stream, true, "GET", "/hold");
      }
      for (int i = 0; i < refused; i++) {
        Frame reset = client.await(FrameClient.RST_STREAM);
        assertThat(reset.stream()).isEqualTo(2 * (Http2Connection.MAX_STREAMS + i) + 1);
      }
      assertThat(held).hasSize(Http2Connection.MAX_STREAMS);
      held.getFirst().respond(HttpResponse.json(200, "1"));
      assertThat(client.await(FrameClient.DATA).stream()).isEqualTo(1);
      assertServes(client, stream);
    }
  }

  private interface Abuse {
    void run(int turn) throws IOException;
  }

  // The server may close while the client still sends.
  private static boolean refusedAfter(FrameClient client, Abuse abuse) throws IOException {
    try {
      for (int i = 0; i < 2_000; i++) {
        abuse.run(i);
      }
    } catch (IOException e) {
      return true;
    }
    return client.isRefused();
  }

  private static void assertServes(FrameClient client, int stream) throws IOException {
    client.request(stream, true, "GET", "/json");
    Frame frame = client.next();
    while (frame != null && !(frame.stream() == stream && frame.endsStream())) {
      frame = client.next();
    }
    assertThat(frame).isNotNull();
    assertThat(new String(frame.payload(), StandardCharsets.UTF_8)).isEqualTo("{\"a\":1}");
  }

  private void assertServesOthers() throws IOException {
    try (FrameClient client = FrameClient.connect(server.port())) {
      assertServes(client, 1);
    }
  }

  private static boolean onLoop(HttpExchange exchange, Callable<Boolean> question)
      throws Exception {
    return exchange.eventLoop().submit(question).get(60, TimeUnit.SECONDS);
  }

  private void close(Duration grace) {
    try {
      server.close(grace);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void start(Map<String, String> environment) throws IOException {
    server = build(environment);
    server.start();
  }

  private HttpServer build(Map<String, String> environment) {
    return HttpServer.builder(loops, HttpServerSettings.from(Settings.of(environment)))
        .routes(routes -> {
          routes.add("GET", "/json", e -> e.respond(HttpResponse.json(200, "{\"a\":1}")));
          routes.add(Routes.ANY_METHOD, "/any", e -> e.respond(HttpResponse.json(200, "any")));
          routes.add(Routes.ANY_METHOD, "/head/{name}", Http2ServerTest::describe);
          routes.add("POST", "/echo", echo);
          routes.addBlocking("POST", "/read", (head, body) -> HttpResponse.empty(200));
          routes.add(
              Routes.ANY_METHOD,
              "/hold",
              e -> {
                e.context().onCancel(causes::add);
                held.add(e);
              });
          routes.add("POST", "/body", this::readBody);
          routes.add(
              "GET",
              "/breaks-off",
              e -> {
                e.response().head(200, new Headers());
                e.complete(InvocationErrors.functionFailed());
              });
          routes.add(
              "GET",
              "/breaks",
              e -> {
                e.response().head(200, new Headers());
                e.complete(new IOException("made up"));
              });
        })
        .build();
  }

  private void readBody(HttpExchange exchange) {
    exchange.context().onCancel(causes::add);
    BodyCollector.collect(
        exchange.body(),
        100,
        new BodyCollector.Result() {
          @Override
          public void collected(byte[] body) {
            exchange.respond(HttpResponse.empty(200));
          }

          @Override
          public void failed(Throwable cause) {
            failures.add(cause);
            exchange.complete(cause);
          }
        });
    held.add(exchange);
  }

  private static void describe(HttpExchange exchange) {
    HttpRequestHead head = exchange.request();
    String text =
        head.method()
            + " "
            + head.uri()
            + " "
            + head.path()
            + " "
            + head.host()
            + " "
            + head.headers().toMap();
    exchange.respond(HttpResponse.json(200, text));
  }

  private String curl(String path, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("curl", "-s", "-i", "--http2-prior-knowledge", "-m", "60"));
    command.addAll(List.of(arguments));
    command.add("http://localhost:" + server.port() + path);
    return run(command.toArray(String[]::new));
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return out.replace("\r", "");
    } finally {
      process.destroyForcibly();
    }
  }
}
