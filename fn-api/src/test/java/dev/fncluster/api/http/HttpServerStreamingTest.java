package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.settings.Settings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class HttpServerStreamingTest {
  private static final int MEBIBYTE = 1 << 20;
  private static final String GET_HOLD = "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n";

  private final EventLoops loops = EventLoops.create(1, "test");
  private final EchoHandler echo = new EchoHandler();
  private final List<CancelCause> cancelled = new CopyOnWriteArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final AtomicReference<@Nullable HttpExchange> held = new AtomicReference<>();
  private @Nullable HttpServer server;

  @AfterEach
  void stop() throws InterruptedException {
    HttpServer running = server;
    if (running != null) {
      running.close(Duration.ofSeconds(1));
    }
    loops.close();
  }

  private HttpServer start(Map<String, String> environment) throws IOException {
    HttpServer started =
        HttpServer.builder(loops, HttpServerSettings.from(Settings.of(environment)))
            .routes(this::addRoutes)
            .build();
    started.start();
    server = started;
    return started;
  }

  private void addRoutes(Routes routes) {
    routes.add("POST", "/echo", echo);
    routes.add("GET", "/", ServerPages.hello());
    routes.add(Routes.ANY_METHOD, "/hold", this::hold);
    routes.add("POST", "/read", this::read);
    routes.add("GET", "/flood", this::flood);
    routes.add("POST", "/throw", this::failOnData);
    routes.add("POST", "/throw-at-the-end", HttpServerStreamingTest::failOnFailure);
  }

  private void hold(HttpExchange exchange) {
    exchange.context().onCancel(cancelled::add);
    exchange.context().onCancel(why -> exchange.complete(InvocationErrors.serverBusy()));
    held.set(exchange);
  }

  private void read(HttpExchange exchange) {
    exchange.context().onCancel(cancelled::add);
    held.set(exchange);
    exchange
        .body()
        .open(
            new BodyConsumer() {
              @Override
              public void chunk(ByteBuf data, boolean last) {
                data.release();
              }

              @Override
              public void failed(Throwable cause) {
                failures.add(cause);
                exchange.complete(cause);
              }
            })
        .request();
  }

  private void failOnData(HttpExchange exchange) {
    exchange
        .body()
        .open(
            new BodyConsumer() {
              @Override
              public void chunk(ByteBuf data, boolean last) {
                data.release();
                throw new IllegalStateException("a handler's mistake");
              }

              @Override
              public void failed(Throwable cause) {
                failures.add(cause);
              }
            })
        .request();
    held.set(exchange);
  }

  private static void failOnFailure(HttpExchange exchange) {
    exchange
        .body()
        .open(
            new BodyConsumer() {
              @Override
              public void chunk(ByteBuf data, boolean last) {
                data.release();
              }

              @Override
              public void failed(Throwable cause) {
                throw new IllegalStateException("a handler's mistake");
              }
            })
        .request();
  }

  // At once, whatever the client takes: far more than the kernel keeps for it.
  private void flood(HttpExchange exchange) {
    exchange.context().onCancel(cancelled::add);
    exchange.response().head(200, new Headers().add("Content-Length", "" + 32 * MEBIBYTE));
    exchange.response().data(Unpooled.wrappedBuffer(new byte[32 * MEBIBYTE]));
    exchange.complete(null);
  }

  private HttpExchange exchange() {
    await().until(() -> held.get() != null);
    HttpExchange exchange = held.get();
    if (exchange == null) {
      throw new AssertionError("none");
    }
    return exchange;
  }

  private static Thread closing(HttpServer running) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            running.close(Duration.ofSeconds(60));
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void streamsAHundredMebibytesInSmallPieces() throws Exception {
    int port = start(Map.of()).port();
    int total = 100 * MEBIBYTE;
    long memoryBefore = EchoHandler.memory();
    try (RawClient client = RawClient.connect(port)) {
      client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + total + "\r\n\r\n");
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                byte[] piece = new byte[MEBIBYTE];
                try {
                  for (int i = 0; i < 100; i++) {
                    client.send(piece);
                  }
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      RawClient.Answer answer = client.read();
      sender.join();
      assertThat(answer.body()).hasSize(total);
    }
    assertThat(echo.received()).isEqualTo(total);
    assertThat(echo.largestPiece()).isLessThanOrEqualTo(64 * 1024);
    assertThat(echo.mostMemory() - memoryBefore).isLessThan(8L * MEBIBYTE);
  }

  @Test
  void readsNoFasterThanTheClientTakesTheAnswer() throws Exception {
    int port = start(Map.of()).port();
    int total = 64 * MEBIBYTE;
    long memoryBefore = EchoHandler.memory();
    try (RawClient client = RawClient.withReceiveBuffer(port, 8 * 1024)) {
      client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + total + "\r\n\r\n");
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                byte[] piece = new byte[MEBIBYTE];
                try {
                  for (int i = 0; i < 64; i++) {
                    client.send(piece);
                  }
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      // The kernel's buffers fill up, then nothing moves any more.
      await()
          .atMost(Duration.ofSeconds(30))
          .pollDelay(Duration.ofMillis(300))
          .pollInterval(Duration.ofMillis(300))
          .until(new Standstill(echo)::reached);
      assertThat(echo.received()).isLessThan(32L * MEBIBYTE);
      assertThat(echo.mostMemory() - memoryBefore).isLessThan(8L * MEBIBYTE);
      assertThat(client.read().body()).hasSize(total);
      sender.join();
    }
  }

  private static final class Standstill {
    private final EchoHandler echo;
    private long before = -1;

    private Standstill(EchoHandler echo) {
      this.echo = echo;
    }

    boolean reached() {
      long now = echo.received();
      boolean still = now > 0 && now == before;
      before = now;
      return still;
    }
  }

  @Test
  void noticesAClientThatLeavesWhileItWaits() throws Exception {
    RawClient client = RawClient.connect(start(Map.of()).port());
    client.send(GET_HOLD);
    exchange();
    client.close();
    await().untilAsserted(() -> assertThat(cancelled).containsExactly(CancelCause.CLIENT_GONE));
  }

  @Test
  void noticesAClientThatLeavesWhileItsBodyIsNotRead() throws Exception {
    RawClient client = RawClient.connect(start(Map.of()).port());
    client.send("POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
    client.send(new byte[100_000]);
    exchange();
    client.close();
    await().untilAsserted(() -> assertThat(cancelled).containsExactly(CancelCause.CLIENT_GONE));
  }

  @Test
  void noticesAClientThatResets() throws Exception {
    RawClient client = RawClient.connect(start(Map.of()).port());
    client.send(GET_HOLD);
    exchange();
    client.socket().setSoLinger(true, 0);
    client.close();
    await().untilAsserted(() -> assertThat(cancelled).containsExactly(CancelCause.CLIENT_GONE));
  }

  /**
   * That the kernel asks is all that a test can see of it: it would take minutes until it is over.
   */
  @Test
  @EnabledOnOs(OS.LINUX)
  void asksClientsThatAreSilentWhetherTheyAreThere() throws Exception {
    int port = start(Map.of()).port();
    try (RawClient client = RawClient.connect(port)) {
      client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").read();
      await().until(() -> hasKeepaliveTimer(port));
    }
  }

  // A line has its number, the addresses of both sides, the state (01 for established), what is
  // queued, and the kind of timer (02 for keep-alive).
  private static boolean hasKeepaliveTimer(int port) throws IOException {
    Pattern socket =
        Pattern.compile(
            "\\d+: [0-9A-F]+:%04X [0-9A-F]+:[0-9A-F]{4} 01 [0-9A-F:]+ 02:.*".formatted(port));
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      Path file = Path.of(table);
      if (Files.exists(file)
          && Files.readAllLines(file).stream()
              .anyMatch(line -> socket.matcher(line.strip()).matches())) {
        return true;
      }
    }
    return false;
  }

  @Test
  void noticesAClientThatLeavesInTheMiddleOfAnAnswer() throws Exception {
    RawClient client = RawClient.withReceiveBuffer(start(Map.of()).port(), 8 * 1024);
    client.send(GET_HOLD);
    HttpExchange exchange = exchange();
    exchange
        .eventLoop()
        .execute(() -> {
          exchange.response().head(200, new Headers());
          exchange.response().data(Unpooled.wrappedBuffer(new byte[32 * MEBIBYTE]));
        });
    assertThat(client.in().read()).isEqualTo('H');
    client.close();
    await().untilAsserted(() -> assertThat(cancelled).containsExactly(CancelCause.CLIENT_GONE));
  }

  @Test
  void endsTheExchangeOfACallbackThatThrows() throws Exception {
    try (RawClient client = RawClient.connect(start(Map.of()).port())) {
      client.send("POST /throw HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n");
      exchange();
      assertThat(client.send("body").read().status()).isEqualTo(500);
      assertThat(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").read().status()).isEqualTo(200);
    }
  }

  @Test
  void endsTheExchangeOfACallbackThatThrowsWhenTimeIsUp() throws Exception {
    int port = start(Map.of("FN_REQUEST_BODY_READ_TIMEOUT", "100ms")).port();
    try (RawClient client = RawClient.connect(port)) {
      client.send("POST /throw-at-the-end HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(500);
    }
  }

  @Test
  void noticesAClientThatLeavesBehindPipelinedRequests() throws Exception {
    RawClient client = RawClient.connect(start(Map.of()).port());
    client.send(GET_HOLD + GET_HOLD + GET_HOLD);
    exchange();
    client.close();
    await().untilAsserted(() -> assertThat(cancelled).containsExactly(CancelCause.CLIENT_GONE));
  }

  @Test
  void endsTheReadingOfABodyThatWillNotCome() throws Exception {
    RawClient client = RawClient.connect(start(Map.of()).port());
    client.send("POST /read HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
    exchange();
    client.close();
    await().untilAsserted(() -> assertThat(failures).hasSize(1));
    assertThat(cancelled).containsExactly(CancelCause.CLIENT_GONE);
  }

  @Test
  void answersWhatWasAskedBeforeTheClientEndedItsSide() throws Exception {
    try (RawClient client = RawClient.connect(start(Map.of()).port())) {
      client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      client.socket().shutdownOutput();
      assertThat(client.read().status()).isEqualTo(200);
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void sendsAllOfALongAnswerBeforeItCloses() throws Exception {
    try (RawClient client = RawClient.connect(start(Map.of()).port())) {
      client.send("GET /flood HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
      assertThat(client.read().body()).hasSize(32 * MEBIBYTE);
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void holdsNextRequestsBackUntilAnswersAreTaken() throws Exception {
    try (RawClient client = RawClient.connect(start(Map.of()).port())) {
      client.send("GET /flood HTTP/1.1\r\nHost: h\r\n\r\n" + GET_HOLD);
      assertThat(client.in().read()).isEqualTo('H');
      loops.loops().get(0).submit(() -> {}).get();
      assertThat(held.get()).isNull();
      client.in().skipNBytes(32 * MEBIBYTE);
      exchange().respond(HttpResponse.empty(204));
    }
  }

  @Test
  void finishesWhatIsUnderWayBeforeItCloses() throws Exception {
    HttpServer running = start(Map.of());
    try (RawClient busy = RawClient.connect(running.port());
        RawClient idle = RawClient.connect(running.port())) {
      assertThat(idle.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").read().status()).isEqualTo(200);
      busy.send(GET_HOLD);
      HttpExchange exchange = exchange();
      Thread closer = closing(running);
      assertThat(idle.isClosed()).isTrue();
      assertThatThrownBy(() -> RawClient.connect(running.port()))
          .isInstanceOf(ConnectException.class);
      exchange.respond(HttpResponse.json(200, "{}"));
      RawClient.Answer answer = busy.read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(busy.isClosed()).isTrue();
      closer.join();
    }
    assertThat(cancelled).isEmpty();
  }

  @Test
  void cancelsWhatTakesLongerThanTheGrace() throws Exception {
    HttpServer running = start(Map.of());
    try (RawClient busy = RawClient.connect(running.port())) {
      busy.send(GET_HOLD);
      exchange();
      running.close(Duration.ofMillis(50));
      assertThat(cancelled).containsExactly(CancelCause.SHUTDOWN);
      assertThat(busy.read().status()).isEqualTo(503);
    }
  }

  @Test
  void closesIdleConnections() throws Exception {
    int port = start(Map.of("FN_HTTP_IDLE_TIMEOUT", "100ms")).port();
    try (RawClient client = RawClient.connect(port)) {
      client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").read();
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void isNotIdleWhileAClientTakesItsAnswer() throws Exception {
    int port = start(Map.of("FN_HTTP_IDLE_TIMEOUT", "100ms")).port();
    try (RawClient client = RawClient.withReceiveBuffer(port, 8 * 1024)) {
      client.send("GET /flood HTTP/1.1\r\nHost: h\r\n\r\n");
      // A pause of several timeouts: a longer one proves no less.
      Thread.sleep(500);
      assertThat(client.read().body()).hasSize(32 * MEBIBYTE);
    }
  }

  @Test
  void closesConnectionsThatNeverEndAHead() throws Exception {
    int port = start(Map.of("FN_REQUEST_HEADER_READ_TIMEOUT", "100ms")).port();
    try (RawClient silent = RawClient.connect(port);
        RawClient slow = RawClient.connect(port)) {
      slow.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").read();
      slow.send("GET / HT");
      assertThat(silent.isClosed()).isTrue();
      assertThat(slow.isClosed()).isTrue();
    }
  }

  @Test
  void givesUpOnBodiesThatDoNotCome() throws Exception {
    int port = start(Map.of("FN_REQUEST_BODY_READ_TIMEOUT", "100ms")).port();
    try (RawClient client = RawClient.connect(port)) {
      client.send("POST /read HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(408);
      assertThat(client.isClosed()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "FN_REQUEST_HEADER_READ_TIMEOUT, 'GET / HTTP/1.1\r\n'",
    "FN_REQUEST_BODY_READ_TIMEOUT, 'POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99\r\n\r\n'"
  })
  void endsWithClientsThatSendALittleNowAndThen(String setting, String start) throws Exception {
    HttpServer running = start(Map.of(setting, "300ms"));
    try (RawClient client = RawClient.connect(running.port())) {
      client.send(start);
      assertThatThrownBy(
              () -> {
                // Fewer bytes than were announced, each well within the time.
                for (int i = 0; i < 90; i++) {
                  client.send("x");
                  Thread.sleep(100);
                }
              })
          .isInstanceOf(IOException.class);
    }
    await().until(() -> running.connectionCount() == 0);
  }

  @Test
  void givesUpOnClientsThatTakeNothing() throws Exception {
    HttpServer running = start(Map.of("FN_RESPONSE_WRITE_TIMEOUT", "200ms"));
    try (RawClient client = RawClient.withReceiveBuffer(running.port(), 8 * 1024)) {
      client.send("GET /flood HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(client.in().read()).isEqualTo('H');
      await().until(() -> running.connectionCount() == 0);
      assertThatThrownBy(() -> client.in().skipNBytes(32 * MEBIBYTE))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void endsTheReadingOfABodyWhoseClientTakesNothing() throws Exception {
    HttpServer running = start(Map.of("FN_RESPONSE_WRITE_TIMEOUT", "200ms"));
    try (RawClient client = RawClient.withReceiveBuffer(running.port(), 8 * 1024)) {
      client.send("POST /read HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
      HttpExchange exchange = exchange();
      exchange
          .eventLoop()
          .execute(() -> {
            exchange.response().head(200, new Headers());
            exchange.response().data(Unpooled.wrappedBuffer(new byte[32 * MEBIBYTE]));
          });
      await().untilAsserted(() -> assertThat(failures).hasSize(1));
      assertThat(cancelled).containsExactly(CancelCause.CLIENT_GONE);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void restsOfBodiesNobodyWantsDoNotKeepItFromClosing(boolean before) throws Exception {
    HttpServer running = start(Map.of());
    try (RawClient client = RawClient.connect(running.port())) {
      client.send("POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
      HttpExchange exchange = exchange();
      exchange
          .eventLoop()
          .submit(() -> exchange.response().head(200, new Headers().add("Content-Length", "0")))
          .get();
      if (before) {
        exchange.complete(null);
        assertThat(client.read().status()).isEqualTo(200);
      }
      Thread closer = closing(running);
      await()
          .untilAsserted(() ->
              assertThatThrownBy(() -> RawClient.connect(running.port()))
                  .isInstanceOf(ConnectException.class));
      if (!before) {
        exchange.complete(null);
        assertThat(client.read().status()).isEqualTo(200);
      }
      assertThat(client.isClosed()).isTrue();
      closer.join();
    }
  }

  @Test
  void keepsConnectionsWhoseBodyCameUnasked() throws Exception {
    try (RawClient client = RawClient.connect(start(Map.of()).port())) {
      client.send(
          "POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc");
      HttpExchange exchange = exchange();
      exchange
          .eventLoop()
          .execute(() ->
              exchange
                  .body()
                  .open(
                      new BodyConsumer() {
                        @Override
                        public void chunk(ByteBuf data, boolean last) {
                          data.release();
                          exchange.respond(HttpResponse.empty(200));
                        }

                        @Override
                        public void failed(Throwable cause) {
                          failures.add(cause);
                        }
                      })
                  .request());
      RawClient.Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Connection")).isEmpty();
    }
  }

  @Test
  void echoesTextThatComesByteByByte() throws Exception {
    int port = start(Map.of()).port();
    try (RawClient client = RawClient.connect(port)) {
      String text =
          "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nA: trailer\r\n\r\n";
      for (byte each : text.getBytes(StandardCharsets.US_ASCII)) {
        client.send(new byte[] {each});
      }
      assertThat(client.read().body()).isEqualTo("abcd");
      assertThat(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").read().status()).isEqualTo(200);
    }
  }
}
