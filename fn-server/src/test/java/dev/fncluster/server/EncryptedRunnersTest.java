package dev.fncluster.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.tls.MutualTls;
import dev.fncluster.api.tls.MutualTlsFiles;
import dev.fncluster.api.tls.PemFiles;
import dev.fncluster.proto.RunnerProtocolGrpc;
import dev.fncluster.proto.RunnerStatus;
import dev.fncluster.runner.engage.RunnerServer;
import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerAddress;
import dev.fncluster.runnerpool.grpc.ChannelSecurity;
import dev.fncluster.runnerpool.grpc.GrpcRunner;
import dev.fncluster.runnerpool.grpc.RunnerClientStats;
import dev.fncluster.stats.ViewRegistry;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client of a load balancer and the server of a runner, with certificates in files. */
@Timeout(180)
final class EncryptedRunnersTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final Duration PERIOD = Duration.ofMillis(20);

  @TempDir private Path folder;
  private final EventLoops loops = EventLoops.create(1, "test-loop");
  private final RunnerClientStats stats =
      new RunnerClientStats(new ViewRegistry(new SimpleMeterRegistry()));
  private final X509Bundle authority = authority("Authority");
  private final CountDownLatch slowMayEnd = new CountDownLatch(1);
  private final CountDownLatch slowIsThere = new CountDownLatch(1);
  private final AtomicBoolean slow = new AtomicBoolean();
  private @Nullable MutualTls serverTls;
  private @Nullable RunnerServer server;

  @BeforeEach
  void write() throws IOException {
    writeAuthority("server", authority);
    writeAuthority("client", authority);
    writeOwn("server", issue("runner", builder("runner"), authority));
    writeOwn("client", issue("lb", builder("lb"), authority));
  }

  @AfterEach
  void end() throws InterruptedException {
    slowMayEnd.countDown();
    RunnerServer started = server;
    if (started != null) {
      started.stop(Duration.ZERO);
    }
    MutualTls tls = serverTls;
    if (tls != null) {
      tls.close();
    }
    loops.close();
  }

  private static X509Bundle authority(String name) {
    try {
      return builder(name).setIsCertificateAuthority(true).buildSelfSigned();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static CertificateBuilder builder(String name) {
    return new CertificateBuilder().subject("CN=" + name + ",O=Fn Cluster").ecp256();
  }

  private static X509Bundle issue(String name, CertificateBuilder builder, X509Bundle issuer) {
    try {
      return builder.addSanDnsName(name + ".test").addSanDnsName("localhost").buildIssuedBy(issuer);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void writeAuthority(String whose, X509Bundle... authorities) throws IOException {
    StringBuilder text = new StringBuilder();
    for (X509Bundle each : authorities) {
      text.append(each.getCertificatePEM()).append('\n');
    }
    replace(whose + "-ca.pem", text.toString());
  }

  private void writeOwn(String whose, X509Bundle own) throws IOException {
    replace(whose + "-cert.pem", own.getCertificatePathPEM());
    replace(whose + "-key.pem", own.getPrivateKeyPEM());
  }

  private void replace(String name, String text) throws IOException {
    Path next = Files.writeString(folder.resolve(name + ".next"), text);
    Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private MutualTlsFiles files(String whose, String... allowed) {
    return new MutualTlsFiles(
        new PemFiles(
            folder.resolve(whose + "-cert.pem"),
            folder.resolve(whose + "-key.pem"),
            Optional.of(folder.resolve(whose + "-ca.pem"))),
        List.of(allowed));
  }

  private int serve(String... allowed) throws IOException {
    MutualTls tls = MutualTls.server(files("server", allowed), PERIOD, GrpcSslContexts::configure);
    serverTls = tls;
    RunnerServer started =
        RunnerServer.start(loops, new InetSocketAddress(0), tls.context(), new Service());
    server = started;
    return started.port();
  }

  private MutualTls client(String... allowed) throws IOException {
    return MutualTls.client(files("client", allowed), PERIOD, GrpcSslContexts::configure);
  }

  private Runner runner(int port, ChannelSecurity security) {
    return new GrpcRunner(new RunnerAddress("localhost", port), loops, security, stats);
  }

  private void ask(int port, ChannelSecurity security) throws Exception {
    Runner runner = runner(port, security);
    try {
      CompletableFuture<?> answer = runner.status().toCompletableFuture();
      answer.get(BOUND.toSeconds(), TimeUnit.SECONDS);
    } finally {
      runner.close(Duration.ZERO);
    }
  }

  private void ask(int port, String... allowed) throws Exception {
    try (MutualTls tls = client(allowed)) {
      ask(port, ChannelSecurity.tls(tls.context()));
    }
  }

  @Test
  void bothEndsAreContentWithAGoodCertificate() throws Exception {
    int port = serve();
    ask(port);
  }

  @Test
  void namesAreCommonOrAlternativeOnes() throws Exception {
    int port = serve("someone", "lb");
    ask(port, "runner");
    ask(port, "RUNNER.test");
    ask(port, "*.test");
    assertThatThrownBy(() -> ask(port, "*.runner.test", "test", "unner", "*.localhost"))
        .hasMessageContaining("no status");
  }

  @Test
  void runnerRefusesLoadBalancersOfOtherNames() throws Exception {
    int port = serve("other-lb");
    assertThatThrownBy(() -> ask(port)).hasMessageContaining("no status");
  }

  @Test
  void certificateOfAnotherAuthorityIsRefusedByEitherEnd() throws Exception {
    int port = serve();
    X509Bundle stranger = authority("Stranger");

    writeOwn("client", issue("lb", builder("lb"), stranger));
    assertThatThrownBy(() -> ask(port)).hasMessageContaining("no status");

    writeOwn("client", issue("lb", builder("lb"), authority));
    writeAuthority("client", stranger);
    assertThatThrownBy(() -> ask(port)).hasMessageContaining("no status");
  }

  @Test
  void runnerMustBeWhoWasConnectedTo() throws Exception {
    int port = serve();
    try (MutualTls tls = client()) {
      ChannelSecurity security = ChannelSecurity.tls(tls.context());
      ask(port, security.expecting("runner.test"));
      assertThatThrownBy(() -> ask(port, security.expecting("other.test")))
          .hasMessageContaining("no status");
    }
  }

  @Test
  void expiredCertificateIsRefusedByEitherEnd() throws Exception {
    Instant now = Instant.now();
    int port = serve();
    writeOwn(
        "client",
        issue(
            "lb",
            builder("lb")
                .notBefore(now.minus(Duration.ofDays(2)))
                .notAfter(now.minus(Duration.ofDays(1))),
            authority));
    assertThatThrownBy(() -> ask(port)).hasMessageContaining("no status");
    writeOwn("client", issue("lb", builder("lb"), authority));
    ask(port);

    writeOwn(
        "server",
        issue(
            "runner",
            builder("runner")
                .notBefore(now.minus(Duration.ofDays(2)))
                .notAfter(now.minus(Duration.ofDays(1))),
            authority));
    await()
        .atMost(BOUND)
        .untilAsserted(() -> assertThatThrownBy(() -> ask(port)).hasMessageContaining("no status"));
  }

  @Test
  void clientsWithoutCertificateOrWithoutTlsAreRefused() throws Exception {
    int port = serve();
    var anonymous =
        GrpcSslContexts.configure(SslContextBuilder.forClient())
            .trustManager(authority.getCertificate())
            .build();
    assertThatThrownBy(() -> ask(port, ChannelSecurity.tls(anonymous)))
        .hasMessageContaining("no status");
    assertThatThrownBy(() -> ask(port, ChannelSecurity.plaintext()))
        .hasMessageContaining("no status");
  }

  @Test
  void authorityAndCertificatesChangeUnderLoadWithoutAFailure() throws Exception {
    int port = serve();
    try (MutualTls tls = client()) {
      ChannelSecurity security = ChannelSecurity.tls(tls.context());
      Runner kept = runner(port, security);
      slow.set(true);
      CompletableFuture<?> underWay = kept.status().toCompletableFuture();
      assertThat(slowIsThere.await(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();

      AtomicBoolean over = new AtomicBoolean();
      AtomicInteger asked = new AtomicInteger();
      CompletableFuture<Void> load = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> load(port, security, over, asked, load));

      X509Bundle next = authority("Next authority");
      // Trust first, then what is shown, then the end of the old trust.
      changed(
          tls,
          () -> {
            writeAuthority("server", authority, next);
            writeAuthority("client", authority, next);
          });
      awaitMore(asked, load);
      changed(
          tls,
          () -> {
            writeOwn("server", issue("runner", builder("runner"), next));
            writeOwn("client", issue("lb", builder("lb"), next));
          });
      awaitMore(asked, load);
      awaitShown(port, next);
      changed(
          tls,
          () -> {
            writeAuthority("server", next);
            writeAuthority("client", next);
          });
      awaitMore(asked, load);

      over.set(true);
      load.get(BOUND.toSeconds(), TimeUnit.SECONDS);
      assertThat(underWay).isNotDone();
      slowMayEnd.countDown();
      underWay.get(BOUND.toSeconds(), TimeUnit.SECONDS);
      kept.close(Duration.ZERO);
    }
  }

  @Test
  void halfReplacedFilesAreNotUsed() throws Exception {
    int port = serve();
    replace("server-cert.pem", "not a certificate");
    replace("client-ca.pem", authority.getCertificatePEM());
    for (int i = 0; i < 5; i++) {
      ask(port);
    }
  }

  private interface Change {
    void make() throws IOException;
  }

  // Waits until both ends have read what was changed, which they don't do at the same time.
  private void changed(MutualTls client, Change change) throws IOException {
    MutualTls listening = serverTls;
    assertThat(listening).isNotNull();
    SSLSessionContext ofClient = client.context().sessionContext();
    SSLSessionContext ofServer = listening.context().sessionContext();
    change.make();
    await()
        .atMost(BOUND)
        .until(() ->
            client.context().sessionContext() != ofClient
                && listening.context().sessionContext() != ofServer);
  }

  // A connection that trusts the next authority alone shows that the server has changed.
  private void awaitShown(int port, X509Bundle next) {
    await()
        .atMost(BOUND)
        .ignoreExceptions()
        .until(() -> {
          var only =
              GrpcSslContexts.configure(SslContextBuilder.forClient())
                  .keyManager(
                      folder.resolve("client-cert.pem").toFile(),
                      folder.resolve("client-key.pem").toFile())
                  .trustManager(next.getCertificate())
                  .build();
          ask(port, ChannelSecurity.tls(only));
          return true;
        });
  }

  private void awaitMore(AtomicInteger asked, CompletableFuture<Void> load) {
    int seen = asked.get();
    await().atMost(BOUND).until(() -> load.isCompletedExceptionally() || asked.get() > seen + 5);
    assertThat(load).isNotCompletedExceptionally();
  }

  private void load(
      int port,
      ChannelSecurity security,
      AtomicBoolean over,
      AtomicInteger asked,
      CompletableFuture<Void> load) {
    try {
      while (!over.get()) {
        ask(port, security);
        asked.incrementAndGet();
      }
      load.complete(null);
    } catch (Exception e) {
      load.completeExceptionally(e);
    }
  }

  private final class Service extends RunnerProtocolGrpc.RunnerProtocolImplBase {
    @Override
    public void status2(Struct input, StreamObserver<RunnerStatus> answer) {
      if (slow.getAndSet(false)) {
        slowIsThere.countDown();
        Thread.ofVirtual()
            .start(() -> {
              try {
                slowMayEnd.await();
                finish(answer);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
      } else {
        finish(answer);
      }
    }

    private static void finish(StreamObserver<RunnerStatus> answer) {
      answer.onNext(RunnerStatus.getDefaultInstance());
      answer.onCompleted();
    }
  }
}
