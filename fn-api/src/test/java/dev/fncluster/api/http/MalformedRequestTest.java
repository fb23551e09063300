package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests that two servers in a row could take apart in two ways. Behind each of them stands a
 * second one, which a server that reads on at the wrong place would serve.
 */
@Timeout(120)
final class MalformedRequestTest {
  private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String POST = "POST /echo HTTP/1.1\r\nHost: h\r\n";
  private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";

  private final List<String> served = new CopyOnWriteArrayList<>();
  private final List<String> values = new CopyOnWriteArrayList<>();
  private final EventLoops loops = EventLoops.create(1, "test");
  private final HttpServer server =
      HttpServer.builder(loops, HttpServerSettings.from(Settings.of(Map.of())))
          .routes(routes -> {
            routes.add(Routes.ANY_METHOD, "/echo", new EchoHandler());
            routes.add(Routes.ANY_METHOD, "/*rest", this::serve);
          })
          .build();

  private void serve(HttpExchange exchange) {
    served.add(exchange.request().url());
    exchange.request().headers().forEach((name, value) -> values.add(name + "=" + value));
    exchange.respond(HttpResponse.json(200, "\"" + exchange.request().url() + "\""));
  }

  @BeforeEach
  void start() throws IOException {
    server.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    server.close(Duration.ZERO);
    loops.close();
  }

  /** A request by a name that says what is wrong with it. */
  private record Case(String name, String request) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case of(String name, String request) {
    return new Case(name, request);
  }

  private static Case header(String name, String line) {
    return of(name, "POST /head HTTP/1.1\r\nHost: h\r\n" + line + "\r\n\r\n");
  }

  static Stream<Case> heads() {
    return Stream.of(
        header("length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"),
        header("chunks and length", "Transfer-Encoding: chunked\r\nContent-Length: 5"),
        header("two lengths", "Content-Length: 5\r\nContent-Length: 6"),
        header("the same length twice", "Content-Length: 5\r\nContent-Length: 5"),
        header("a list of lengths", "Content-Length: 5, 5"),
        header("a list of two lengths", "Content-Length: 5, 6"),
        header("a length with a sign", "Content-Length: +5"),
        header("a negative length", "Content-Length: -1"),
        header("a length in hexadecimal", "Content-Length: 0x5"),
        header("a length with a fraction", "Content-Length: 5.0"),
        header("a length with an exponent", "Content-Length: 1e1"),
        header("no length", "Content-Length: "),
        header("a length beyond all numbers", "Content-Length: 99999999999999999999"),
        header("a length of other digits", "Content-Length: \u00d9\u00a5"),
        header("a length with blanks within", "Content-Length: 1 0"),
        header("chunks twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        header("chunks in a list", "Transfer-Encoding: chunked, chunked"),
        header("identity", "Transfer-Encoding: identity"),
        header("identity after chunks", "Transfer-Encoding: chunked, identity"),
        header("no encoding", "Transfer-Encoding: "),
        header("an encoding in quotes", "Transfer-Encoding: \"chunked\""),
        header("an encoding with a parameter", "Transfer-Encoding: chunked;q=1"),
        header("an encoding behind a vertical tab", "Transfer-Encoding: \u000bchunked"),
        header("an encoding behind a no-break space", "Transfer-Encoding: \u00a0chunked"),
        header("a name with a blank before the colon", "Transfer-Encoding : chunked"),
        header("a name with a tab before the colon", "Content-Length\t: 5"),
        header("a name with a blank before it", " Content-Length: 5"),
        header("a name with a blank in it", "Content Length: 5"),
        header("a name that is empty", ": 5"),
        header("a name with a NUL", "A\u0000: 5"),
        header("a name with an umlaut", "\u00c4: 5"),
        header("a name with a parenthesis", "A(: 5"),
        header("a line without a colon", "Content-Length 5"),
        header("a value with a NUL", "A: b\u0000c"),
        header("a value with a bare CR", "A: b\rContent-Length: 5"),
        header("a value with a bare LF", "A: b\nContent-Length: 5"),
        header("a value with a bell", "A: b\u0007c"),
        header("a value with a delete", "A: b\u007fc"),
        header("a length that goes on in the next line", "Content-Length:\r\n 5"),
        header("an encoding that goes on in the next line", "Transfer-Encoding:\r\n chunked"),
        header("a second host", "Host: other"),
        of("no host", "GET /head HTTP/1.1\r\n\r\n"),
        of("a host with a path", "GET /head HTTP/1.1\r\nHost: h/x\r\n\r\n"),
        of("a host with a blank", "GET /head HTTP/1.1\r\nHost: h x\r\n\r\n"),
        of("a host with a user", "GET /head HTTP/1.1\r\nHost: u@h\r\n\r\n"),
        of("lines that end with LF", "GET /head HTTP/1.1\nHost: h\n\n"),
        of("a head that ends with LF", "GET /head HTTP/1.1\r\nHost: h\r\n\n"),
        of("a request line that ends with CR", "GET /head HTTP/1.1\rHost: h\r\n\r\n"),
        of("two blanks in the request line", "GET  /head HTTP/1.1\r\nHost: h\r\n\r\n"),
        of("a tab in the request line", "GET\t/head\tHTTP/1.1\r\nHost: h\r\n\r\n"),
        of("a blank at the end of the request line", "GET /head HTTP/1.1 \r\nHost: h\r\n\r\n"),
        of("a fourth word in the request line", "GET /head x HTTP/1.1\r\nHost: h\r\n\r\n"),
        of("a blank before the first header", "GET /head HTTP/1.1\r\n Host: h\r\n\r\n"),
        of(
            "a host of an absolute target with a user",
            "GET http://u@h/ HTTP/1.1\r\nHost: h\r\n\r\n"),
        of("no version", "GET /head\r\nHost: h\r\n\r\n"),
        of("a version in small letters", "GET /head http/1.1\r\nHost: h\r\n\r\n"),
        of("a version with a zero", "GET /head HTTP/1.01\r\nHost: h\r\n\r\n"),
        of("a method with a colon", "GE:T /head HTTP/1.1\r\nHost: h\r\n\r\n"),
        of("a target with a NUL", "GET /he\u0000ad HTTP/1.1\r\nHost: h\r\n\r\n"),
        of("a target that is no path", "GET head HTTP/1.1\r\nHost: h\r\n\r\n"),
        of("a target without a host", "GET http:///head HTTP/1.1\r\nHost: h\r\n\r\n"),
        of("a target of another scheme", "GET ftp://h/head HTTP/1.1\r\nHost: h\r\n\r\n"),
        of("a target with a fragment", "GET /head#x HTTP/1.1\r\nHost: h\r\n\r\n"),
        of("chunks in the old protocol", CHUNKED.replace("1.1", "1.0")),
        of("noise", "\u0016\u0003\u0001\u0002\r\n\r\n"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("heads")
  void isRefusedAndTheConnectionWithIt(Case malformed) throws IOException {
    try (RawClient client = RawClient.connect(server.port())) {
      RawClient.Answer answer = client.send(malformed.request + "12345" + SMUGGLED).read();

      assertThat(answer.status()).isIn(400, 505);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(client.isClosed()).isTrue();
    }
    assertThat(served).isEmpty();
  }

  static Stream<Case> chunks() {
    return Stream.of(
        of("no size", "\r\nabc\r\n0\r\n\r\n"),
        of("a size in words", "three\r\nabc\r\n0\r\n\r\n"),
        of("a negative size", "-3\r\nabc\r\n0\r\n\r\n"),
        of("a size with a sign", "+3\r\nabc\r\n0\r\n\r\n"),
        of("a size with a prefix", "0x3\r\nabc\r\n0\r\n\r\n"),
        of("a size with an underscore", "1_0\r\n0123456789abcdef\r\n0\r\n\r\n"),
        of("a size beyond all numbers", "fffffffffffffffff3\r\nabc\r\n0\r\n\r\n"),
        of("a size that is 3 in its lowest bits", "100000003\r\nabc\r\n0\r\n\r\n"),
        of("a size line that ends with LF", "3\nabc\r\n0\r\n\r\n"),
        of("a size line that ends with CR", "3\rabc\r\n0\r\n\r\n"),
        of("an extension with a bare LF", "3;a\nabc\r\n0\r\n\r\n"),
        of("an extension with a bare CR", "3;a\rb\r\nabc\r\n0\r\n\r\n"),
        of("an extension with a NUL", "3;a\u0000\r\nabc\r\n0\r\n\r\n"),
        of("an endless extension", "3;" + "a".repeat(2 << 20) + "\r\nabc\r\n0\r\n\r\n"),
        of("a chunk that is longer", "3\r\nabcd\r\n0\r\n\r\n"),
        of("a chunk that is shorter", "3\r\nab\r\n0\r\n\r\n"),
        of("a chunk that ends with LF", "3\r\nabc\n0\r\n\r\n"),
        of("a last line that ends with LF", "3\r\nabc\r\n0\r\n\n"),
        of("a trailer without a colon", "0\r\nabc\r\n\r\n"),
        of("a trailer with a blank before the colon", "0\r\nA : b\r\n\r\n"),
        of("a trailer with a bare LF", "0\r\nA: b\nC: d\r\n\r\n"),
        of("a trailer with a NUL", "0\r\nA: b\u0000\r\n\r\n"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("chunks")
  void endsTheBodyAndTheConnectionWithIt(Case malformed) throws IOException {
    try (RawClient client = RawClient.connect(server.port())) {
      client.send(CHUNKED);
      sendAll(client, malformed.request + SMUGGLED);
      String rest = rest(client);

      // The answer had begun, so all that is left is not to end it.
      assertThat(rest).doesNotContain("\r\n0\r\n\r\n");
    }
    assertThat(served).isEmpty();
  }

  // What the server closes while we still send is no failure of the test.
  private static void sendAll(RawClient client, String text) {
    try {
      client.send(text);
    } catch (IOException closed) {
      assertThat(closed).isNotNull();
    }
  }

  private static String rest(RawClient client) {
    try {
      return new String(client.in().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException reset) {
      return "";
    }
  }

  static Stream<Case> wellFormed() {
    return Stream.of(
        of("an empty line before", "\r\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n"),
        of("no blank behind the colon", "GET /x HTTP/1.1\r\nHost:h\r\n\r\n"),
        of("blanks and tabs around a value", "GET /x HTTP/1.1\r\nHost: \t h \t\r\n\r\n"),
        of("an absolute target", "GET http://h/x HTTP/1.1\r\nHost: other\r\n\r\n"),
        of("the old protocol without a host", "GET http://h/x HTTP/1.0\r\n\r\n"),
        of(
            "a header of every allowed sign",
            "GET /x HTTP/1.1\r\nHost: h\r\n!#$%&'*+-.^_`|~9Az: \u0080\u00ff\t\"\r\n\r\n"),
        of("an empty value", "GET /x HTTP/1.1\r\nHost: h\r\nA:\r\n\r\n"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wellFormed")
  void isServed(Case wellFormed) throws IOException {
    try (RawClient client = RawClient.connect(server.port())) {
      RawClient.Answer answer = client.send(wellFormed.request).read();

      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("\"http://h/x\"");
    }
  }

  @Test
  void chunksMayHaveExtensionsZerosAndTrailers() throws IOException {
    try (RawClient client = RawClient.connect(server.port())) {
      client.send(CHUNKED + "003;a=b;c=\"d\"\r\nabc\r\nA\r\n0123456789\r\n000;x\r\nT: 1\r\n\r\n");
      assertThat(client.read().body()).isEqualTo("abc0123456789");
      assertThat(client.send(SMUGGLED).read().status()).isEqualTo(200);
    }
  }

  @Test
  void aHeaderInTwoLinesReachesTheHandlerAsOne() throws IOException {
    try (RawClient client = RawClient.connect(server.port())) {
      client.send("GET /x HTTP/1.1\r\nHost: h\r\nA: b\r\n \t c: d\r\nE: f\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(values).containsExactly("A=b c: d", "E=f");
  }

  @Test
  void aBodyIsNoRequest() throws IOException {
    try (RawClient client = RawClient.connect(server.port())) {
      String body = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
      client.send(POST + "Content-Length: " + body.length() + "\r\n\r\n" + body);
      assertThat(client.read().body()).isEqualTo(body);
      client.send(CHUNKED + Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n");
      assertThat(client.read().body()).isEqualTo(body);
    }
    assertThat(served).isEmpty();
  }

  @Test
  void headersAreCounted() throws IOException {
    try (RawClient client = RawClient.connect(server.port())) {
      String head = "GET /x HTTP/1.1\r\nHost: h\r\n";
      client.send(head + "a:b\r\n".repeat(CountedHeaders.MAX - 1) + "\r\n");
      assertThat(client.read().status()).isEqualTo(200);
      sendAll(client, head + "a:b\r\n".repeat(CountedHeaders.MAX) + "\r\n");
      assertThat(client.read().status()).isEqualTo(431);
      assertThat(client.isClosed()).isTrue();
    }
    assertThat(served).hasSize(1);
  }

  @Test
  void trailersAreCounted() throws IOException {
    try (RawClient client = RawClient.connect(server.port())) {
      client.send(CHUNKED);
      String many = "a:b\r\n".repeat(CountedHeaders.MAX + 1);
      sendAll(client, "0\r\n" + many + "\r\n" + SMUGGLED);
      assertThat(rest(client)).doesNotContain("\r\n0\r\n\r\n");
    }
    assertThat(served).isEmpty();
  }
}
