package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.settings.Settings;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

@Timeout(60)
class HttpServerTlsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void streamsOverTls(HttpClient.Version version, @TempDir Path directory) throws Exception {
    KeyStore keys = newKeys(directory.resolve("keys.p12"));
    EventLoops loops = EventLoops.create(1, "test");
    HttpServer server =
        HttpServer.builder(loops, HttpServerSettings.from(Settings.of(Map.of())))
            .tls(serving(keys))
            .routes(routes -> {
              routes.add("POST", "/echo", new EchoHandler());
              routes.add(
                  "GET",
                  "/url",
                  exchange ->
                      exchange.respond(HttpResponse.json(200, exchange.request().scheme())));
            })
            .build();
    server.start();
    try (HttpClient client =
        HttpClient.newBuilder().version(version).sslContext(trusting(keys)).build()) {
      URI base = URI.create("https://localhost:" + server.port());
      byte[] body = new byte[5 << 20];
      body[body.length - 1] = 7;
      HttpRequest echo =
          HttpRequest.newBuilder(base.resolve("/echo"))
              .POST(HttpRequest.BodyPublishers.ofByteArray(body))
              .build();
      java.net.http.HttpResponse<byte[]> echoed = client.send(echo, BodyHandlers.ofByteArray());
      assertThat(echoed.body()).isEqualTo(body);
      assertThat(echoed.version()).isEqualTo(version);
      HttpRequest url = HttpRequest.newBuilder(base.resolve("/url")).build();
      assertThat(client.send(url, BodyHandlers.ofString()).body()).isEqualTo("https");
      server.close(Duration.ofSeconds(10));
      assertThat(server.connectionCount()).isZero();
    } finally {
      server.close(Duration.ZERO);
      loops.close();
    }
  }

  /** Of an answer whose end is that of its connection, the end must not look like one. */
  @Test
  void answersThatBreakOffHaveNoEnd(@TempDir Path directory) throws Exception {
    KeyStore keys = newKeys(directory.resolve("keys.p12"));
    EventLoops loops = EventLoops.create(1, "test");
    CompletableFuture<HttpExchange> begun = new CompletableFuture<>();
    HttpServer server =
        started(
            loops,
            keys,
            "/breaks",
            exchange -> {
              exchange.response().head(200, new Headers());
              exchange.response().data(Unpooled.wrappedBuffer(new byte[1000]));
              begun.complete(exchange);
            });
    try (Socket socket =
        trusting(keys).getSocketFactory().createSocket("localhost", server.port())) {
      socket
          .getOutputStream()
          .write("GET /breaks HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().read()).isEqualTo('H');
      begun.get().complete(InvocationErrors.functionFailed());
      assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
          .isInstanceOf(IOException.class);
    } finally {
      server.close(Duration.ZERO);
      loops.close();
    }
  }

  /** Whoever sends garbage must not fill the log with it, of each of its streams. */
  @Test
  void connectionsWhoseTlsBreaksAreEveryday(@TempDir Path directory) throws Exception {
    KeyStore keys = newKeys(directory.resolve("keys.p12"));
    EventLoops loops = EventLoops.create(1, "test");
    CompletableFuture<HttpExchange> begun = new CompletableFuture<>();
    CompletableFuture<CancelCause> cancelled = new CompletableFuture<>();
    HttpServer server =
        started(
            loops,
            keys,
            "/hold",
            exchange -> {
              exchange.context().onCancel(cancelled::complete);
              begun.complete(exchange);
            });
    Logger logger = (Logger) LoggerFactory.getLogger(getClass().getPackageName());
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.port());
        Socket socket =
            trusting(keys)
                .getSocketFactory()
                .createSocket(plain, "localhost", server.port(), true)) {
      OutputStream out = socket.getOutputStream();
      out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.write(FrameClient.frame(FrameClient.SETTINGS, 0, 0, new byte[0]));
      out.write(
          FrameClient.frame(
              FrameClient.HEADERS,
              FrameClient.END_HEADERS | FrameClient.END_STREAM,
              1,
              FrameClient.block("GET", "/hold")));
      out.flush();
      begun.get(60, TimeUnit.SECONDS);
      plain.getOutputStream().write(new byte[100]);
      assertThat(cancelled.get(60, TimeUnit.SECONDS)).isEqualTo(CancelCause.CLIENT_GONE);
      await().until(() -> server.connectionCount() == 0);
      assertThat(lines.list).isEmpty();
    } finally {
      logger.detachAppender(lines);
      server.close(Duration.ZERO);
      loops.close();
    }
  }

  private static HttpServer started(
      EventLoops loops, KeyStore keys, String path, HttpHandler handler) throws Exception {
    HttpServer server =
        HttpServer.builder(loops, HttpServerSettings.from(Settings.of(Map.of())))
            .tls(serving(keys))
            .routes(routes -> routes.add("GET", path, handler))
            .build();
    server.start();
    return server;
  }

  private static SslContext serving(KeyStore keys) throws Exception {
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, PASSWORD);
    return SslContextBuilder.forServer(own)
        .applicationProtocolConfig(HttpServer.applicationProtocols())
        .build();
  }

  private static SSLContext trusting(KeyStore keys) throws Exception {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(keys);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static KeyStore newKeys(Path file) throws Exception {
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    String host = InetAddress.getLoopbackAddress().getHostAddress();
    int exit =
        new ProcessBuilder(
                keytool,
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost,ip:" + host,
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    assertThat(exit).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD);
    }
    KeyStore both = KeyStore.getInstance("PKCS12");
    both.load(null, null);
    both.setKeyEntry(
        "key", keys.getKey("mykey", PASSWORD), PASSWORD, keys.getCertificateChain("mykey"));
    both.setCertificateEntry("trusted", keys.getCertificate("mykey"));
    return both;
  }
}
