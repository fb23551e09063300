package dev.fncluster.runner.engage;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.call.CallCompletion;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.DataFrame;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.proto.RunnerProtocolGrpc;
import dev.fncluster.proto.TryCall;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RunnerServerTest {
  /** What a thousand calls may hold here, and in a load balancer, without being served. */
  private static final int MOST = 256 * 1024;

  /** Has all calls wait, and reads nothing of their bodies. */
  private static final CallAgent BUSY =
      new CallAgent() {
        @Override
        public void submit(Invocation invocation, CallCompletion completion) {}

        @Override
        public void close(Duration grace) {}
      };

  @Test
  void ofTheBodyOfAWaitingCallOnlyTheBeginningIsSent() throws Exception {
    try (EventLoops loops = EventLoops.create(1, "runner-loop")) {
      RunnerServer server =
          RunnerServer.start(loops, new InetSocketAddress(0), null, TestServices.of(BUSY));
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
      try {
        assertThat(sentUntilHeldBack(channel)).isBetween(100_000, MOST);
      } finally {
        channel.shutdownNow();
        server.stop(Duration.ZERO);
      }
    }
  }

  private static int sentUntilHeldBack(ManagedChannel channel) throws InterruptedException {
    Semaphore ready = new Semaphore(0);
    ClientCall<ClientMsg, RunnerMsg> stream =
        channel.newCall(RunnerProtocolGrpc.getEngageMethod(), CallOptions.DEFAULT);
    stream.start(
        new ClientCall.Listener<>() {
          @Override
          public void onReady() {
            ready.release();
          }
        },
        new Metadata());
    stream.sendMessage(
        ClientMsg.newBuilder().setTry(TryCall.newBuilder().setModelsCallJson("{}")).build());
    DataFrame frame = DataFrame.newBuilder().setData(ByteString.copyFrom(new byte[10_240])).build();
    assertThat(ready.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    int sent = 0;
    do {
      while (stream.isReady() && sent < 8 * MOST) {
        stream.sendMessage(ClientMsg.newBuilder().setData(frame).build());
        sent += frame.getData().size();
      }
    } while (ready.tryAcquire(500, TimeUnit.MILLISECONDS));
    stream.cancel("seen enough", null);
    return sent;
  }
}
