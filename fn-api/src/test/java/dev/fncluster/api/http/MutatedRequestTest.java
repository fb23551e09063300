package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.settings.Settings;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.slf4j.LoggerFactory;

/**
 * Good requests with some bytes changed by chance. Whatever comes of them, the server answers with
 * an error of the client or closes, within a bound; it fails at nothing, and keeps no buffer.
 */
final class MutatedRequestTest {
  private static final int TRIES = 1000;
  private static final int PLACES = 10_000;
  private static final int BOUND_MILLIS = 60_000;
  private static final Pattern STATUS = Pattern.compile("^HTTP/1\\.1 (\\d{3}) ");
  private static final List<String> ERRORS = new CopyOnWriteArrayList<>();
  private static final EventLoops LOOPS = EventLoops.create(1, "mutated");
  private static final HttpServer SERVER =
      HttpServer.builder(
              LOOPS,
              HttpServerSettings.from(
                  Settings.of(
                      Map.of(
                          "FN_MAX_REQUEST_SIZE", "100000", "FN_MAX_REQUEST_HEADER_SIZE", "4096"))))
          .routes(routes -> {
            routes.add("POST", "/echo", new EchoHandler());
            routes.add("GET", "/", ServerPages.hello());
            routes.addBlocking(
                "PUT",
                "/blocking/{name}",
                (request, body) -> HttpResponse.json(200, "\"" + body.length + "\""));
          })
          .build();
  private static final ResourceLeakDetector.Level LEVEL_BEFORE = ResourceLeakDetector.getLevel();
  private static final AppenderBase<ILoggingEvent> ERROR_LOG =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
            ERRORS.add(event.getFormattedMessage());
          }
        }
      };

  /** A change at a place that is told in parts of the whole, so that it fits every request. */
  private record Change(int kind, int place, int length, byte value) {
    byte[] apply(byte[] to) {
      if (to.length == 0) {
        return to;
      }
      int at = (int) ((long) place * to.length / PLACES);
      int end = Math.min(to.length, at + length);
      byte[] before = Arrays.copyOf(to, at);
      byte[] after = Arrays.copyOfRange(to, end, to.length);
      byte[] piece = Arrays.copyOfRange(to, at, end);
      return switch (kind) {
        case 0 -> join(before, new byte[] {value}, Arrays.copyOfRange(to, at + 1, to.length));
        case 1 -> join(before, new byte[] {value}, Arrays.copyOfRange(to, at, to.length));
        case 2 -> join(before, after);
        case 3 -> join(before, piece, piece, after);
        default -> before;
      };
    }
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] each : parts) {
      all.writeBytes(each);
    }
    return all.toByteArray();
  }

  @BeforeContainer
  static void start() throws IOException {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    ERROR_LOG.start();
    for (String name : new String[] {"dev.fncluster", "io.netty.util"}) {
      ((Logger) LoggerFactory.getLogger(name)).addAppender(ERROR_LOG);
    }
    SERVER.start();
  }

  @AfterContainer
  static void stop() throws InterruptedException {
    SERVER.close(Duration.ZERO);
    LOOPS.close();
    for (String name : new String[] {"dev.fncluster", "io.netty.util"}) {
      ((Logger) LoggerFactory.getLogger(name)).detachAppender(ERROR_LOG);
    }
    ResourceLeakDetector.setLevel(LEVEL_BEFORE);
  }

  @AfterProperty
  void nothingIsLeft() throws IOException {
    await().atMost(Duration.ofMillis(BOUND_MILLIS)).until(() -> SERVER.connectionCount() == 0);
    // The detector finds out about what was collected when the next buffers are made.
    for (int i = 0; i < 3; i++) {
      System.gc();
      for (int j = 0; j < 100; j++) {
        ByteBufAllocator.DEFAULT.directBuffer(64).release();
      }
    }
    assertThat(ERRORS).isEmpty();
    byte[] good = text("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assertThat(exchange(good)).startsWith("HTTP/1.1 200 ");
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.BOUNDED, edgeCases = EdgeCasesMode.NONE)
  void requestsOfHttp1(@ForAll("http1") byte[] request) throws IOException {
    assertNoFailureOfOurs(exchange(request));
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.BOUNDED, edgeCases = EdgeCasesMode.NONE)
  void requestsOfHttp2(@ForAll("http2") byte[] request) throws IOException {
    assertNoFailureOfOurs(exchange(request));
  }

  @Provide
  Arbitrary<byte[]> http1() {
    String chunks =
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;a=b\r\n!\r\n0\r\nT: 1\r\n\r\n";
    return mutated(
        text("GET / HTTP/1.1\r\nHost: h\r\nAccept: a/b\r\nX-Foo: 1\r\n\r\n"),
        text("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nhello world"),
        text("POST /echo HTTP/1.1\r\nHost: h\r\n" + chunks),
        text("PUT /blocking/%41?q=1 HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n" + chunks),
        text("OPTIONS http://h:1/echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /"));
  }

  @Provide
  Arbitrary<byte[]> http2() {
    byte[] preface = text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    byte[] settings = FrameClient.frame(FrameClient.SETTINGS, 0, 0, new byte[0]);
    int both = FrameClient.END_HEADERS | FrameClient.END_STREAM;
    byte[] get = FrameClient.frame(FrameClient.HEADERS, both, 1, FrameClient.block("GET", "/"));
    byte[] post =
        FrameClient.frame(
            FrameClient.HEADERS,
            FrameClient.END_HEADERS,
            3,
            FrameClient.block("POST", "/echo", "content-type", "a/b"));
    byte[] data = FrameClient.frame(FrameClient.DATA, 0, 3, new byte[300]);
    byte[] last = FrameClient.frame(FrameClient.DATA, FrameClient.END_STREAM, 3, new byte[3]);
    byte[] ping = FrameClient.frame(FrameClient.PING, 0, 0, new byte[8]);
    byte[] wider = FrameClient.frame(FrameClient.WINDOW_UPDATE, 0, 3, new byte[] {0, 0, 1, 0});
    byte[] reset = FrameClient.frame(FrameClient.RST_STREAM, 0, 3, new byte[] {0, 0, 0, 8});
    byte[] put =
        FrameClient.frame(
            FrameClient.HEADERS,
            FrameClient.END_HEADERS,
            5,
            FrameClient.block("PUT", "/blocking/x"));
    byte[] body = FrameClient.frame(FrameClient.DATA, FrameClient.END_STREAM, 5, new byte[20]);
    return mutated(
        join(preface, settings, get, post, data, last),
        join(preface, settings, ping, post, data, wider, reset, get),
        join(preface, settings, put, post, body, data, last));
  }

  private static Arbitrary<byte[]> mutated(byte[]... good) {
    Arbitrary<Change> change =
        Combinators.combine(
                Arbitraries.integers().between(0, 4),
                Arbitraries.integers()
                    .between(0, PLACES - 1)
                    .withDistribution(RandomDistribution.uniform()),
                Arbitraries.integers().between(1, 40),
                Arbitraries.oneOf(
                    Arbitraries.bytes(),
                    Arbitraries.of((byte) '\r', (byte) '\n', (byte) ' ', (byte) ':', (byte) 0)))
            .as(Change::new);
    return Combinators.combine(Arbitraries.of(good), change.list().ofMinSize(1).ofMaxSize(6))
        .as((request, changes) -> {
          byte[] all = request;
          for (Change each : changes) {
            all = each.apply(all);
          }
          return all;
        });
  }

  private static void assertNoFailureOfOurs(String answer) {
    Matcher status = STATUS.matcher(answer);
    if (status.find()) {
      // 505 is what the protocol has for other versions of itself.
      assertThat(status.group(1))
          .satisfiesAnyOf(
              code -> assertThat(code).isLessThan("500"),
              code -> assertThat(code).isEqualTo("505"));
    }
    assertThat(ERRORS).isEmpty();
  }

  // A client that ends its side leaves the server nothing to wait for.
  private static String exchange(byte[] request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), SERVER.port())) {
      socket.setSoTimeout(BOUND_MILLIS);
      socket.setTcpNoDelay(true);
      socket.getOutputStream().write(request);
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (SocketException reset) {
      return "";
    }
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
