package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.proto.LogResponseMsg;
import dev.fncluster.proto.LogResponseMsg.Container;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What functions write, in the logs of runners and at collectors. */
@Tag("docker")
@ExtendWith(ClusterExtension.class)
final class FunctionLogsTest {
  @Test
  void linesReachTheRunnersLogAndCollectors(Cluster cluster) throws Exception {
    List<LogResponseMsg> collected = new CopyOnWriteArrayList<>();
    List<ManagedChannel> channels = new ArrayList<>();
    List<LogCollector> collectors = new ArrayList<>();
    try {
      for (Cluster.RunnerNode runner : cluster.runners()) {
        ManagedChannel channel =
            NettyChannelBuilder.forAddress("127.0.0.1", runner.grpcPort()).usePlaintext().build();
        channels.add(channel);
        collectors.add(new LogCollector(channel, collected::add));
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> !runner.process().logLines("A log collector has begun").isEmpty());
      }
      FnClient.CreatedFn fn = cluster.client().createKnobs(more -> {});
      HttpResponse<String> response = cluster.client().invoke(fn, "{\"isDebug\": true}");
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      String callId = FnClient.header(response, "Fn-Call-Id");

      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> {
            assertThat(lines(collected, fn, callId))
                .containsExactly("STDERR BeginOfLogs", "STDERR EndOfLogs");
            assertThat(
                    cluster.runners().stream()
                        .flatMap(runner -> runner.process().logLines("user_log").stream())
                        .filter(line -> line.contains(callId)))
                .hasSize(2)
                .anyMatch(line -> line.contains("BeginOfLogs"))
                .allMatch(line -> line.contains("fn_id=\"" + fn.id() + '"'))
                .allMatch(line -> line.contains("app_id=\"" + fn.appId() + '"'));
          });
      for (LogCollector each : collectors) {
        each.close();
        assertThat(each.end()).succeedsWithin(Duration.ofSeconds(60));
      }
    } finally {
      channels.forEach(ManagedChannel::shutdownNow);
    }
  }

  private static List<String> lines(
      List<LogResponseMsg> messages, FnClient.CreatedFn fn, String callId) {
    return messages.stream()
        .flatMap(message -> message.getDataList().stream())
        .filter(container -> container.getFunctionId().equals(fn.id()))
        .filter(container -> container.getApplicationId().equals(fn.appId()))
        .map(Container::getDataList)
        .flatMap(List::stream)
        .filter(request -> request.getRequestId().equals(callId))
        .flatMap(request -> request.getDataList().stream())
        .map(line -> line.getSource() + " " + line.getData().toStringUtf8())
        .toList();
  }

  /** The code on the page is a part of the collector above, which compiles and works. */
  @Test
  void pageShowsTheCollectorAsItIs() throws IOException {
    String page = Files.readString(Repository.root().resolve("docs/log-streaming.md"));
    String source =
        Files.readString(
            Repository.root()
                .resolve(
                    "fn-system-tests/src/test/java/dev/fncluster/systemtests/LogCollector.java"));
    Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page);
    assertThat(block.find()).isTrue();
    assertThat(source.replaceAll("(?m)^ +", "")).contains(block.group(1).replaceAll("(?m)^ +", ""));
  }
}
