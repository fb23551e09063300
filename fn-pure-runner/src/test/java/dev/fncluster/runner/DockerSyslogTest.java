package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.model.Call;
import dev.fncluster.runner.cgroup.Cgroups;
import dev.fncluster.runner.logs.LogLine;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Output of functions whose app has a syslog, on its way through the engine. */
@Tag("docker")
@Timeout(300)
final class DockerSyslogTest {
  private final List<LogLine> lines = new CopyOnWriteArrayList<>();
  private DockerRig rig;
  private Path folder;
  private RunnerAgent agent;

  @BeforeEach
  void open() throws Exception {
    folder = Files.createTempDirectory("syslog");
    rig = new DockerRig("syslog-test");
    agent =
        rig.agent(
            Map.of(
                "FN_DISABLE_DEBUG_USER_LOGS",
                "true",
                "FN_SYSLOG_TLS_CA_CERT",
                folder.resolve("ca.pem").toString()),
            1024,
            Cgroups.in(Path.of("/")),
            lines::add);
  }

  @AfterEach
  void close() throws Exception {
    rig.closeAndCheck(agent);
    rig.close();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private void expectLinesAt(SyslogServer server) throws Exception {
    Call call = TestCalls.call("c1", "print").syslogUrl(" " + server.url() + " ");
    assertThat(rig.run(agent, call, "to syslog\n").failure()).isNull();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          // Facility user, severity info for stdout and error for stderr.
          assertThat(server.received())
              .containsPattern("<14>1 \\S+ \\S+ app_id=app,fn_id=fn [0-9]+ \\S+ - to syslog")
              .containsPattern("<11>1 \\S+ \\S+ app_id=app,fn_id=fn [0-9]+ \\S+ - to stderr");
          // The other way is open as well.
          assertThat(lines)
              .anyMatch(line -> line.data().toStringUtf8().equals("to syslog"))
              .allMatch(line -> line.callId().equals("c1"));
        });
  }

  @Test
  void udp() throws Exception {
    try (SyslogServer server = SyslogServer.udp()) {
      expectLinesAt(server);
    }
  }

  @Test
  void tcp() throws Exception {
    try (SyslogServer server = SyslogServer.tcp("tcp", ServerSocketFactory.getDefault())) {
      expectLinesAt(server);
    }
  }

  @Test
  void tls() throws Exception {
    CertificateBuilder builder =
        new CertificateBuilder().algorithm(CertificateBuilder.Algorithm.ecp256);
    X509Bundle authority =
        builder
            .copy()
            .subject("CN=test authority")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    X509Bundle server =
        builder.copy().subject("CN=syslog").addSanIpAddress("127.0.0.1").buildIssuedBy(authority);
    Files.writeString(folder.resolve("ca.pem"), authority.getCertificatePEM());
    try (SyslogServer syslog =
        SyslogServer.tcp("tcp+tls", context(server).getServerSocketFactory())) {
      expectLinesAt(syslog);
    }
  }

  private static SSLContext context(X509Bundle server) throws Exception {
    char[] password = "secret".toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, password);
    keys.setKeyEntry(
        "key", server.getKeyPair().getPrivate(), password, server.getCertificatePathWithRoot());
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  @Test
  void unix() throws Exception {
    try (SyslogServer server = SyslogServer.unix(folder.resolve("s.sock"))) {
      expectLinesAt(server);
    }
  }

  @Test
  void unixDatagrams() throws Exception {
    Path socket = folder.resolve("d.sock");
    StringBuffer received = new StringBuffer();
    try (MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory())) {
      Channel channel =
          new Bootstrap()
              .group(group)
              .channel(EpollDomainDatagramChannel.class)
              .handler(
                  new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                    @Override
                    protected void channelRead0(
                        ChannelHandlerContext ctx, DomainDatagramPacket packet) {
                      received.append(packet.content().toString(StandardCharsets.UTF_8));
                    }
                  })
              .bind(new DomainSocketAddress(socket.toString()))
              .sync()
              .channel();
      Call call = TestCalls.call("c1", "print").syslogUrl("unixgram://" + socket);
      assertThat(rig.run(agent, call, "to syslog\n").failure()).isNull();
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() ->
              assertThat(received.toString())
                  .containsPattern("<14>1 \\S+ \\S+ app_id=app,fn_id=fn [0-9]+ \\S+ - to syslog"));
      channel.close().sync();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp://127.0.0.1:1",
        "tcp://invalid:9999",
        "tcp+tls://127.0.0.1:1",
        "unix:///nowhere/s.sock",
        "unixgram:///nowhere/s.sock"
      })
  void syslogThatIsNotThereFailsTheCall(String url) throws Exception {
    TestCalls.Outcome outcome =
        rig.run(agent, TestCalls.call("c1", "echo").syslogUrl(url), "hello");
    assertThat(outcome.failure()).isInstanceOf(FnException.class).hasMessage("Syslog Unavailable");
    assertThat(((FnException) outcome.failure()).code()).isEqualTo(500);
  }

  @Test
  void syslogThatTakesNothingHoldsNoCall() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String url = "tcp://127.0.0.1:" + silent.getLocalPort();
      Call flood = TestCalls.call("c1", "flood:20000000").syslogUrl(url);
      assertThat(rig.run(agent, flood, "x".repeat(99) + "\n").failure()).isNull();
      Call next = TestCalls.call("c2", "echo").syslogUrl(url);
      assertThat(rig.run(agent, next, "hello").failure()).isNull();
    }
  }
}
