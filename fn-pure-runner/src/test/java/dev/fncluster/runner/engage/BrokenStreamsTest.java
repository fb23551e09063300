package dev.fncluster.runner.engage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Empty;
import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.call.CallCompletion;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Headers;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.DataFrame;
import dev.fncluster.proto.LogRequestMsg;
import dev.fncluster.proto.LogResponseMsg;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.proto.RunnerProtocolGrpc;
import dev.fncluster.proto.TryCall;
import dev.fncluster.runner.logs.BufferedLogStreamer;
import dev.fncluster.runner.logs.LogViews;
import dev.fncluster.stats.ViewRegistry;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams that gRPC itself ends, because of what was sent on them or could not be. */
final class BrokenStreamsTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static final MethodDescriptor<byte[], RunnerMsg> ENGAGE =
      RunnerProtocolGrpc.getEngageMethod().toBuilder(
              new Bytes(), RunnerProtocolGrpc.getEngageMethod().getResponseMarshaller())
          .build();

  private static final MethodDescriptor<byte[], LogResponseMsg> STREAM_LOGS =
      RunnerProtocolGrpc.getStreamLogsMethod().toBuilder(
              new Bytes(), RunnerProtocolGrpc.getStreamLogsMethod().getResponseMarshaller())
          .build();

  /** Messages as they are. */
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new UnsupportedOperationException("nobody sends any");
    }
  }

  /** Keeps the last call, and lets the test do with it what it likes. */
  private static final class Agent implements CallAgent {
    final CompletableFuture<Invocation> call = new CompletableFuture<>();
    final CompletableFuture<CallCompletion> completion = new CompletableFuture<>();

    @Override
    public void submit(Invocation invocation, CallCompletion told) {
      completion.complete(told);
      call.complete(invocation);
    }

    @Override
    public void close(Duration grace) {}
  }

  /** A buffer whose bytes can't be copied, as if there were no memory left. */
  private static final class OutOfMemory extends UnpooledHeapByteBuf {
    OutOfMemory() {
      super(UnpooledByteBufAllocator.DEFAULT, new byte[10], 10);
      writerIndex(10);
    }

    @Override
    public ByteBuf getBytes(int index, OutputStream out, int length) {
      throw new OutOfMemoryError("as if");
    }
  }

  private final Agent agent = new Agent();
  private BufferedLogStreamer streamer;
  private final EventLoops loops = EventLoops.create(1, "runner-loop");
  private RunnerServer server;
  private ManagedChannel channel;
  private final CompletableFuture<Status> closed = new CompletableFuture<>();

  @BeforeEach
  void open() throws Exception {
    ViewRegistry registry = new ViewRegistry(new SimpleMeterRegistry());
    registry.register(LogViews.all());
    streamer = new BufferedLogStreamer(registry);
    server =
        RunnerServer.start(loops, new InetSocketAddress(0), null, TestServices.of(agent, streamer));
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  }

  @AfterEach
  void close() throws Exception {
    channel.shutdownNow();
    assertThat(server.stop(Duration.ofSeconds(5))).isTrue();
    loops.close();
  }

  private ClientCall<byte[], RunnerMsg> stream() {
    return stream(ENGAGE);
  }

  private <A> ClientCall<byte[], A> stream(MethodDescriptor<byte[], A> method) {
    ClientCall<byte[], A> stream = channel.newCall(method, CallOptions.DEFAULT);
    stream.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            closed.complete(status);
          }
        },
        new Metadata());
    stream.request(100);
    return stream;
  }

  private static byte[] tryCall() {
    return ClientMsg.newBuilder()
        .setTry(TryCall.newBuilder().setModelsCallJson("{\"id\":\"01ID\"}"))
        .build()
        .toByteArray();
  }

  private long active() {
    return RunnerProtocolGrpc.newBlockingStub(channel)
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .status(Empty.getDefaultInstance())
        .getActive();
  }

  private void expectTheEnd() throws Exception {
    assertThat(closed.get(LIMIT.toSeconds(), TimeUnit.SECONDS).isOk()).isFalse();
    await().atMost(LIMIT).until(() -> active() == 0);
  }

  @Test
  void aFirstMessageThatIsNoneEndsTheSession() throws Exception {
    stream().sendMessage(new byte[] {(byte) 0xFF, 1, 2});
    expectTheEnd();
  }

  @Test
  void aLaterMessageThatIsNoneEndsTheCall() throws Exception {
    ClientCall<byte[], RunnerMsg> stream = stream();
    stream.sendMessage(tryCall());
    Invocation call = agent.call.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    stream.sendMessage(new byte[] {(byte) 0xFF, 1, 2});
    expectTheEnd();
    await().atMost(LIMIT).until(() -> call.context().isCancelled());
  }

  @Test
  void aPieceThatCanNotBeSentEndsTheCall() throws Exception {
    ClientCall<byte[], RunnerMsg> stream = stream();
    stream.sendMessage(tryCall());
    stream.sendMessage(
        ClientMsg.newBuilder().setData(DataFrame.newBuilder().setEof(true)).build().toByteArray());
    Invocation call = agent.call.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    CompletableFuture<@Nullable Throwable> finishing = new CompletableFuture<>();
    OutOfMemory piece = new OutOfMemory();
    loops
        .loops()
        .getFirst()
        .execute(() -> {
          call.response().head(200, new Headers());
          try {
            call.response().data(piece);
          } catch (OutOfMemoryError e) {
            try {
              agent.completion.join().done(e);
              finishing.complete(null);
            } catch (RuntimeException failure) {
              finishing.complete(failure);
            }
          }
        });
    assertThat(finishing.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isNull();
    assertThat(piece.refCnt()).isZero();
    assertThat(call.context().isCancelled()).isTrue();
    expectTheEnd();
  }

  @Test
  void aMessageThatIsNoneEndsACollector() throws Exception {
    ClientCall<byte[], LogResponseMsg> stream = stream(STREAM_LOGS);
    stream.sendMessage(
        LogRequestMsg.newBuilder()
            .setStart(LogRequestMsg.Start.getDefaultInstance())
            .build()
            .toByteArray());
    await().atMost(LIMIT).until(() -> streamer.collecting() == 1);
    stream.sendMessage(new byte[] {(byte) 0xFF, 1, 2});
    expectTheEnd();
    await().atMost(LIMIT).until(() -> streamer.collectors() == 0);
  }
}
