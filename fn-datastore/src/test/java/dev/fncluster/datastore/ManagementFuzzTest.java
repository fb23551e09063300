package dev.fncluster.datastore;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fncluster.api.http.HttpServer;
import dev.fncluster.api.http.HttpServerSettings;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.management.Datastore;
import dev.fncluster.api.management.EndpointAnnotator;
import dev.fncluster.api.management.ManagementApi;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/**
 * Whatever a client sends to {@code /v2}, it gets an answer, never one that blames the server, and
 * errors in their one form; and what was accepted can be read again as it was answered.
 */
class ManagementFuzzTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST_WAIT_MILLIS = 60_000;

  private static @Nullable Path directory;
  private static @Nullable EventLoops loops;
  private static @Nullable Datastore store;
  private static @Nullable HttpServer server;
  private static String app = "";
  private static String fn = "";

  private record Answer(int status, byte[] body) {
    JsonNode json() throws IOException {
      return JSON.readTree(body);
    }
  }

  @BeforeContainer
  static void start() throws IOException {
    directory = Files.createTempDirectory("fuzz");
    store =
        Datastores.open(
            new DatastoreSettings("sqlite3://" + directory.resolve("fn.db"), Duration.ZERO));
    loops = EventLoops.create(1, "fuzz");
    IdGenerator ids = new IdGenerator(1, System::currentTimeMillis);
    ManagementApi api =
        new ManagementApi(
            store, ids, InstantSource.system(), new EndpointAnnotator(Optional.empty()));
    server =
        HttpServer.builder(loops, HttpServerSettings.from(Settings.of(Map.of())))
            .routes(api::register)
            .build();
    server.start();
    app = send("POST", "/v2/apps", bytes("{\"name\":\"known\"}")).json().get("id").asText();
    fn =
        send(
                "POST",
                "/v2/fns",
                bytes("{\"name\":\"known\",\"image\":\"i\",\"app_id\":\"" + app + "\"}"))
            .json()
            .get("id")
            .asText();
  }

  @AfterContainer
  static void stop() throws Exception {
    server().close(Duration.ofSeconds(5));
    if (loops != null) {
      loops.close();
    }
    if (store != null) {
      store.close();
    }
    if (directory != null) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path each : files.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  @Property(tries = 300)
  void anyBytesAreAnswered(@ForAll("writes") Target target, @ForAll byte[] body) throws Exception {
    assertAnswered(send(target.method(), target.uri(), body));
  }

  @Property(tries = 1200)
  void anyDocumentIsAnsweredAndKeptAsAnswered(
      @ForAll("writes") Target target, @ForAll("documents") String body) throws Exception {
    Answer answer = send(target.method(), target.uri(), bytes(body));

    assertAnswered(answer);
    if (answer.status() == 200 && target.method().equals("POST")) {
      Answer read = send("GET", target.uri() + "/" + answer.json().get("id").asText(), bytes(""));
      assertThat(read.status()).isEqualTo(200);
      assertThat(read.json()).isEqualTo(answer.json());
    }
  }

  @Property(tries = 400)
  void anyQueryIsAnswered(
      @ForAll("lists") String path, @ForAll("parameters") List<String> parameters)
      throws Exception {
    Answer answer = send("GET", path + "?" + String.join("&", parameters), bytes(""));

    assertAnswered(answer);
    assertThat(answer.json().has("items")).isEqualTo(answer.status() == 200);
  }

  @Property(tries = 200)
  void anyIdIsAnswered(@ForAll("items") Target target, @ForAll String id) throws Exception {
    String segment = URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");

    assertAnswered(send(target.method(), target.uri() + segment, bytes("{}")));
  }

  record Target(String method, String uri) {}

  @Provide
  Arbitrary<Target> writes() {
    return Arbitraries.of(
        new Target("POST", "/v2/apps"),
        new Target("POST", "/v2/fns"),
        new Target("POST", "/v2/triggers"),
        new Target("PUT", "/v2/apps/" + app),
        new Target("PUT", "/v2/fns/" + fn),
        new Target("PUT", "/v2/triggers/none"));
  }

  @Provide
  Arbitrary<Target> items() {
    return Combinators.combine(
            Arbitraries.of("GET", "PUT", "DELETE"),
            Arbitraries.of(
                "/v2/apps/x",
                "/v2/fns/x",
                "/v2/triggers/x",
                "/v2/runner/apps/x/triggerBySource/http/"))
        .as(Target::new);
  }

  @Provide
  Arbitrary<String> lists() {
    return Arbitraries.of("/v2/apps", "/v2/fns", "/v2/triggers");
  }

  @Provide
  Arbitrary<List<String>> parameters() {
    Arbitrary<String> names =
        Arbitraries.of("app_id", "fn_id", "name", "cursor", "per_page", "", "%00", "%", "x");
    Arbitrary<String> values =
        Arbitraries.oneOf(
            escaped(),
            Arbitraries.of(
                app, fn, "-1", "0", "99999999999999999999", "bXlhcHA", "bQBpAGk", "AAA"));
    return Combinators.combine(names, values).as((n, v) -> n + "=" + v).list().ofMaxSize(80);
  }

  /** Texts of printable characters, of which per cent signs need not be followed by digits. */
  @Provide
  Arbitrary<String> escaped() {
    Arbitrary<String> printable =
        Arbitraries.strings().withCharRange('!', '~').excludeChars('#', '?', '/').ofMaxLength(6);
    Arbitrary<String> octets =
        Arbitraries.integers().between(0, 255).map(i -> "%" + String.format("%02X", i));
    return Arbitraries.oneOf(printable, octets).list().ofMaxSize(8).map(l -> String.join("", l));
  }

  /** Objects whose members are those of resources more often than not, some of them twice. */
  @Provide
  Arbitrary<String> documents() {
    Arbitrary<String> names =
        Arbitraries.of(
            "id",
            "name",
            "app_id",
            "fn_id",
            "image",
            "memory",
            "timeout",
            "idle_timeout",
            "config",
            "annotations",
            "shape",
            "syslog_url",
            "created_at",
            "updated_at",
            "type",
            "source",
            "NAME",
            "bogus",
            "\\u0000");
    Arbitrary<String> members =
        Combinators.combine(names, values()).as((name, value) -> "\"" + name + "\":" + value);
    Arbitrary<String> valid =
        Combinators.combine(texts(), texts(), Arbitraries.integers(), values())
            .as((name, text, number, value) ->
                "\"name\":%s,\"app_id\":\"%s\",\"fn_id\":\"%s\",\"image\":%s,\"type\":\"http\""
                        .formatted(name, app, fn, text)
                    + ",\"source\":\"/%s,\"config\":{\"k\":%s},\"annotations\":{\"k\":%s}"
                        .formatted(text.substring(1), text, value));
    Arbitrary<String> parts = Arbitraries.oneOf(valid, members, members, members);
    return Arbitraries.oneOf(
        valid.map(text -> "{" + text + "}"),
        parts.list().ofMaxSize(6).map(l -> "{" + String.join(",", l) + "}"),
        values());
  }

  private static Arbitrary<String> values() {
    Arbitrary<String> scalars =
        Arbitraries.oneOf(
            texts(),
            Arbitraries.of(
                "null",
                "true",
                "0",
                "-0",
                "-1",
                "1.5",
                "1e400",
                "2147483648",
                "9223372036854775808",
                "18446744073709551616",
                "9".repeat(2000),
                "01",
                "NaN",
                "",
                "{",
                "[",
                "\"0001-01-01T00:00:00.000Z\"",
                "\"+999999999-12-31T23:59:59Z\"",
                "\"2020-02-31T25:61:61Z\"",
                "[".repeat(300) + "]".repeat(300)));
    return Arbitraries.recursive(
        () -> scalars,
        inner ->
            Arbitraries.oneOf(
                inner.list().ofMaxSize(3).map(l -> "[" + String.join(",", l) + "]"),
                Combinators.combine(texts(), inner).as((k, v) -> "{" + k + ":" + v + "}")),
        0,
        2);
  }

  /** Texts of JSON, in their quotes. */
  private static Arbitrary<String> texts() {
    return Arbitraries.oneOf(
            Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(12),
            Arbitraries.strings().excludeChars('"', '\\').ofMaxLength(12),
            Arbitraries.of(
                "",
                " ",
                "\\u0000",
                "\\ud800",
                "\\udc00\\ud800",
                "\\ud83d\\ude00",
                "tcp://h:1",
                "udp://[",
                "://",
                "x".repeat(255),
                "x".repeat(256),
                "x".repeat(257),
                "\\ud83d\\ude00".repeat(300),
                "GENERIC_ARM"))
        .map(text -> "\"" + text + "\"");
  }

  private static void assertAnswered(Answer answer) throws IOException {
    assertThat(answer.status()).isBetween(200, 499);
    if (answer.status() >= 400) {
      JsonNode error = answer.json();
      assertThat(error.path("message").isTextual()).as("%s", error).isTrue();
      assertThat(error.size()).isEqualTo(1);
    }
  }

  private static HttpServer server() {
    HttpServer started = server;
    if (started == null) {
      throw new AssertionError("not started");
    }
    return started;
  }

  /** Sends a request as it is: clients of libraries refuse to send what this test is about. */
  private static Answer send(String method, String uri, byte[] body) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server().port())) {
      socket.setSoTimeout(LONGEST_WAIT_MILLIS);
      String head =
          "%s %s HTTP/1.1\r\nHost: api\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
              .formatted(method, uri, body.length);
      socket.getOutputStream().write(bytes(head));
      socket.getOutputStream().write(body);
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      int end = answer.indexOf("\r\n\r\n");
      assertThat(end).as("an answer").isPositive();
      return new Answer(
          Integer.parseInt(answer.substring(9, 12)),
          answer.substring(end + 4).getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
