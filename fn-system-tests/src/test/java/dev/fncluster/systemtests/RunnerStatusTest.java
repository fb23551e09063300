package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Empty;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.fncluster.api.testing.FreePorts;
import dev.fncluster.proto.RunnerProtocolGrpc;
import dev.fncluster.proto.RunnerProtocolGrpc.RunnerProtocolBlockingStub;
import dev.fncluster.proto.RunnerStatus;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A pure runner with a status image, asked by gRPC, with a real container behind it. */
@Tag("docker")
final class RunnerStatusTest {
  @Test
  void runsTheStatusImageWithANetworkOnlyBehindTheBarrier() throws Exception {
    String tag = "system-test-status-" + ProcessHandle.current().pid();
    Path folder = Files.createTempDirectory("fn-st");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    int grpcPort = FreePorts.next();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", grpcPort).usePlaintext().build();
    try (NodeProcess ignored = start(folder, grpcPort, tag)) {
      RunnerProtocolBlockingStub stub =
          RunnerProtocolGrpc.newBlockingStub(channel).withDeadlineAfter(5, TimeUnit.MINUTES);

      RunnerStatus shut = stub.status(Empty.getDefaultInstance());
      assertThat(shut.getFailed()).as(shut.getErrorStr()).isFalse();
      assertThat(shut.getIsNetworkDisabled()).isTrue();

      Files.createFile(folder.resolve("barrier"));
      Struct input = struct();
      RunnerStatus open = whenNotCached(stub, input);
      assertThat(open.getFailed()).as(open.getErrorStr()).isFalse();
      assertThat(open.getIsNetworkDisabled()).isFalse();
      assertThat(open.getId()).isNotEqualTo(shut.getId());
      Struct.Builder echoed = Struct.newBuilder();
      JsonFormat.parser().merge(open.getDetails(), echoed);
      assertThat(echoed.build()).isEqualTo(input);
      assertThat(open.getInitStartTime()).isPositive();

      askAllAtOnce(stub);
    } finally {
      channel.shutdownNow();
      assertThat(Containers.ofTag(tag)).as("containers left behind").isEmpty();
      Containers.removeAll(tag);
      Folders.delete(folder);
    }
  }

  private static NodeProcess start(Path folder, int grpcPort, String tag) throws IOException {
    Path sockets = Files.createDirectory(folder.resolve("s"));
    return NodeProcess.start(
            "status-runner",
            Map.of(
                "FN_NODE_TYPE",
                "pure-runner",
                "FN_GRPC_PORT",
                Integer.toString(grpcPort),
                "FN_IOFS_PATH",
                sockets.toString(),
                "FN_CONTAINER_LABEL_TAG",
                tag,
                "FN_STATUS_IMAGE",
                Repository.JAVA_IMAGE,
                "FN_STATUS_BARRIER_PATH",
                folder.resolve("barrier").toString()))
        .awaitReady();
  }

  private static Struct struct() {
    return Struct.newBuilder()
        .putFields("fake-member-1", Value.newBuilder().setStringValue("fake-value-1").build())
        .putFields("fake-member-2", Value.newBuilder().setStringValue("fake-value-2").build())
        .build();
  }

  private static RunnerStatus whenNotCached(RunnerProtocolBlockingStub stub, Struct input) {
    return await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> stub.status2(input), answer -> !answer.getCached());
  }

  /** Ten at once: one run of the image, or two if the first one's answer grew old meanwhile. */
  private static void askAllAtOnce(RunnerProtocolBlockingStub stub) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<RunnerStatus>> answers =
          java.util.stream.IntStream.range(0, 10)
              .mapToObj(i -> threads.submit(() -> stub.status(Empty.getDefaultInstance())))
              .toList();
      Set<String> ids = new HashSet<>();
      for (Future<RunnerStatus> each : answers) {
        RunnerStatus answer = each.get();
        assertThat(answer.getFailed()).as(answer.getErrorStr()).isFalse();
        ids.add(answer.getId());
      }
      assertThat(ids).hasSizeLessThanOrEqualTo(2);
    }
  }
}
