package dev.fncluster.runnerpool.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.runnerpool.pool.Endpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real name server, which is installed where the engine is. */
@Tag("docker")
@Timeout(180)
final class DnsSourceTest {
  private static final Duration BOUND = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private final EventLoops loops = EventLoops.create(1, "test-loop");
  private final List<List<String>> told = new CopyOnWriteArrayList<>();
  private @Nullable NameServer nameServer;
  private @Nullable DnsSource source;

  @BeforeEach
  void create() throws Exception {
    nameServer = new NameServer(folder);
  }

  @AfterEach
  void end() throws InterruptedException {
    if (source != null) {
      source.close();
    }
    if (nameServer != null) {
      nameServer.close();
    }
    loops.close();
  }

  private NameServer server() {
    NameServer created = nameServer;
    assertThat(created).isNotNull();
    return created;
  }

  private void start(String name, boolean services) {
    start(name, services, Duration.ofMillis(100), List.of(server().address()));
  }

  private void start(
      String name, boolean services, Duration maxInterval, List<InetSocketAddress> servers) {
    DnsSource started =
        new DnsSource(
            loops, new DnsRules(name, services, 9190, servers, Duration.ofMillis(20), maxInterval));
    source = started;
    started.start(endpoints -> told.add(endpoints.stream().map(DnsSourceTest::text).toList()));
  }

  private static String text(Endpoint endpoint) {
    return endpoint.address() + " " + endpoint.serverName();
  }

  private void awaitTold(String... endpoints) {
    await().atMost(BOUND).until(() -> told.getLast().equals(List.of(endpoints)));
  }

  @Test
  void addressesAreRunnersOfOnePort() throws Exception {
    server()
        .serve(
            "--host-record=runners.test,127.0.0.3,::1",
            "--host-record=runners.test,127.0.0.2",
            "--cname=alias.test,runners.test");
    start("alias.test", false);
    awaitTold("127.0.0.2:9190 alias.test", "127.0.0.3:9190 alias.test");
  }

  @Test
  void addressesOfIpv6AreTakenWhereThereIsNoOther() throws Exception {
    server().serve("--host-record=runners.test,::1");
    start("runners.test", false);
    awaitTold("[::1]:9190 runners.test");
  }

  @Test
  void servicesHavePortsAndNames() throws Exception {
    server()
        .serve(
            "--srv-host=_grpc._tcp.runners.test,b.test,9192",
            "--srv-host=_grpc._tcp.runners.test,a.test,9191",
            "--host-record=a.test,127.0.0.2",
            "--host-record=b.test,127.0.0.2");
    start("_grpc._tcp.runners.test", true);
    awaitTold("127.0.0.2:9191 a.test", "127.0.0.2:9192 b.test");
  }

  @Test
  void changesAreSeenAndFailuresKeepTheLastAnswer() throws Exception {
    server().serve("--host-record=runners.test,127.0.0.2");
    start("runners.test", false);
    awaitTold("127.0.0.2:9190 runners.test");

    server().serve("--host-record=runners.test,127.0.0.2", "--host-record=runners.test,127.0.0.3");
    awaitTold("127.0.0.2:9190 runners.test", "127.0.0.3:9190 runners.test");

    // Nobody answers; then there is no such name; then it has only a record of another kind.
    server().close();
    server().serve();
    server().serve("--txt-record=runners.test,nothing");
    assertThat(told).hasSize(2);

    server().serve("--host-record=runners.test,127.0.0.4");
    awaitTold("127.0.0.4:9190 runners.test");
    assertThat(told).hasSize(3);
  }

  @Test
  void answerIsKeptAsLongAsItIsGood() throws Exception {
    server().serve("--host-record=runners.test,127.0.0.2,1");
    start("runners.test", false, Duration.ofMinutes(10), List.of(server().address()));
    awaitTold("127.0.0.2:9190 runners.test");
    server().serve("--host-record=runners.test,127.0.0.3,1");
    // Ten minutes later, if it did not look at the second for which the answer was good.
    awaitTold("127.0.0.3:9190 runners.test");
  }

  @Test
  void nextServerIsAskedWhenOneIsSilent() throws Exception {
    server().serve("--host-record=runners.test,127.0.0.2");
    InetSocketAddress nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    start("runners.test", false, Duration.ofMillis(100), List.of(nobody, server().address()));
    awaitTold("127.0.0.2:9190 runners.test");
  }

  @Test
  void answerThatIsTooLongForADatagramIsTakenOverTcp() throws Exception {
    int runners = 200;
    server()
        .serve(
            IntStream.rangeClosed(1, runners)
                .mapToObj(i -> "--host-record=runners.test,127.0.1." + i)
                .toArray(String[]::new));
    start("runners.test", false);
    await().atMost(BOUND).until(() -> !told.isEmpty());
    assertThat(told.getFirst()).hasSize(runners);
  }
}
