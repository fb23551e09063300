package dev.fncluster.runnerpool.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import com.google.protobuf.Struct;
import dev.fncluster.proto.RunnerProtocolGrpc;
import dev.fncluster.runnerpool.RunnerStatus;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How runners are asked for their status that know one form of the question, or none. */
@Timeout(120)
final class StatusQuestionTest {
  @RegisterExtension final GrpcRunnerRig rig = new GrpcRunnerRig();
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private static ServerServiceDefinition.Builder service() {
    return ServerServiceDefinition.builder("RunnerProtocol");
  }

  private <Q> void answering(
      ServerServiceDefinition.Builder service,
      MethodDescriptor<Q, dev.fncluster.proto.RunnerStatus> method,
      int active) {
    service.addMethod(
        method,
        ServerCalls.asyncUnaryCall((question, answer) -> {
          asked.add(String.valueOf(method.getBareMethodName()));
          answer.onNext(dev.fncluster.proto.RunnerStatus.newBuilder().setActive(active).build());
          answer.onCompleted();
        }));
  }

  @SuppressWarnings("deprecation")
  private static MethodDescriptor<Empty, dev.fncluster.proto.RunnerStatus> ofOld() {
    return RunnerProtocolGrpc.getStatusMethod();
  }

  private static MethodDescriptor<Struct, dev.fncluster.proto.RunnerStatus> ofToday() {
    return RunnerProtocolGrpc.getStatus2Method();
  }

  private RunnerStatus ask(ServerServiceDefinition service) throws Exception {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(service)
            .build()
            .start();
    rig.closing(server::shutdownNow);
    return rig.runner(server.getPort()).status().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void theNewFormIsAskedFirst() throws Exception {
    ServerServiceDefinition.Builder service = service();
    answering(service, ofOld(), 1);
    answering(service, ofToday(), 2);
    assertThat(ask(service.build()).active()).isEqualTo(2);
    assertThat(asked).containsExactly("Status2");
  }

  @Test
  void runnersOfOldAreAskedInTheOldForm() throws Exception {
    ServerServiceDefinition.Builder service = service();
    answering(service, ofOld(), 3);
    assertThat(ask(service.build()).active()).isEqualTo(3);
    assertThat(asked).containsExactly("Status");
  }

  @Test
  void aRunnerThatKnowsNeitherHasNoStatus() {
    assertThatThrownBy(() -> ask(service().build()))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(RunnerException.class)
        .hasMessageContaining("no status")
        .hasMessageContaining("UNIMPLEMENTED");
  }
}
