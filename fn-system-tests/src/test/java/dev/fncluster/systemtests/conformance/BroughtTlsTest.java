package dev.fncluster.systemtests.conformance;

import static dev.fncluster.systemtests.conformance.ScriptedFunction.reply;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.tls.TlsContexts;
import dev.fncluster.lb.LbNode;
import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.StaticRunnerPool;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes of an embedding program that brings its certificates without files. */
@Timeout(180)
final class BroughtTlsTest {
  @Test
  void loadBalancerAndRunnerUseWhatTheirProgramBrings() throws Exception {
    assertServed(balancer -> balancer);
  }

  @Test
  void aPoolOfTheProgramConnectsWithIt() throws Exception {
    assertServed(balancer ->
        balancer.pool(context -> {
          Runner only = context.runner(context.setting("FN_RUNNER_ADDRESSES").orElseThrow());
          return new StaticRunnerPool(List.of(only));
        }));
  }

  private static void assertServed(UnaryOperator<LbNode.Builder> more) throws Exception {
    X509Bundle authority =
        new CertificateBuilder()
            .subject("CN=Authority")
            .ecp256()
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    SslContext server =
        GrpcSslContexts.configure(
                SslContextBuilder.forServer(issue("runner", authority).toKeyManagerFactory()))
            .trustManager(authority.toTrustManagerFactory())
            .clientAuth(ClientAuth.REQUIRE)
            .build();
    SslContext client =
        GrpcSslContexts.forClient()
            .keyManager(issue("lb", authority).toKeyManagerFactory())
            .trustManager(authority.toTrustManagerFactory())
            .build();
    AtomicInteger asked = new AtomicInteger();
    try (LocalCluster cluster =
        LocalCluster.start(
            runner -> runner.tls(TlsContexts.none().with(TlsContexts.GRPC_SERVER, server)),
            balancer ->
                more.apply(balancer)
                    .runnerTls(() -> {
                      asked.incrementAndGet();
                      return client;
                    }))) {
      LocalCluster.Fn fn =
          cluster.createFn(body -> {}).answers(seen -> reply(200, "got " + seen.body()));
      assertThat(cluster.front().send("POST", "/invoke/" + fn.id, "it").body()).isEqualTo("got it");
      assertThat(asked.get()).isPositive();
    }
  }

  private static X509Bundle issue(String name, X509Bundle authority) throws Exception {
    return new CertificateBuilder()
        .subject("CN=" + name)
        .ecp256()
        .addSanIpAddress("127.0.0.1")
        .buildIssuedBy(authority);
  }
}
