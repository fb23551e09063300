package dev.fncluster.runnerpool.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.wire.Outbound;
import dev.fncluster.wire.Piece;
import dev.fncluster.wire.Whole;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class BodySenderTest {
  private final List<ClientMsg> sent = new ArrayList<>();
  private boolean ready;
  private boolean halfClosed;
  private int asked;

  private final ClientCall<Outbound<ClientMsg>, RunnerMsg> stream =
      new ClientCall<>() {
        @Override
        public void start(Listener<RunnerMsg> listener, Metadata headers) {}

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {}

        @Override
        public void halfClose() {
          halfClosed = true;
        }

        @Override
        public void sendMessage(Outbound<ClientMsg> message) {
          sent.add(received(message));
        }

        @Override
        public boolean isReady() {
          return ready;
        }
      };

  private final RequestBody body =
      new RequestBody() {
        @Override
        public long length() {
          return -1;
        }

        @Override
        public BodyReader open(BodyConsumer consumer) {
          return new BodyReader() {
            @Override
            public void request() {
              asked++;
            }

            @Override
            public void cancel() {}
          };
        }

        @Override
        public boolean isReplayable() {
          return true;
        }

        @Override
        public void commit() {}

        @Override
        public void close() {}
      };

  private final BodySender sender = new BodySender(stream, body, failure -> {});

  private static ClientMsg received(Outbound<ClientMsg> message) {
    return switch (message) {
      case Whole<ClientMsg>(ClientMsg whole) -> whole;
      case Piece<ClientMsg> piece -> {
        try {
          yield ClientMsg.parseFrom(piece);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  @Test
  void theFirstFrameOfAnOfferFollowsItAlsoWhenItComesALittleLater() {
    sender.offer();
    assertThat(asked).isEqualTo(1);
    sender.chunk(Unpooled.wrappedBuffer(new byte[100]), true);
    assertThat(sent).hasSize(1);
    assertThat(sent.getFirst().getData().getData().size()).isEqualTo(100);
    assertThat(sent.getFirst().getData().getEof()).isTrue();
    assertThat(halfClosed).isTrue();
  }

  @Test
  void noMoreThanOneFrameIsSentBeforeTheStreamIsReady() {
    sender.offer();
    sender.chunk(Unpooled.wrappedBuffer(new byte[BodySender.MAX_FRAME_BYTES + 1]), true);
    assertThat(sent).hasSize(1);
    assertThat(sent.getFirst().getData().getEof()).isFalse();
    assertThat(halfClosed).isFalse();
    ready = true;
    sender.pump();
    assertThat(sent).hasSize(2);
    assertThat(sent.getLast().getData().getEof()).isTrue();
    assertThat(halfClosed).isTrue();
  }

  @Test
  void nothingIsSentBeforeTheStreamIsReadyWithoutAnOffer() {
    ByteBuf chunk = Unpooled.wrappedBuffer(new byte[1]);
    sender.pump();
    sender.chunk(chunk, true);
    assertThat(sent).isEmpty();
    sender.stop();
    assertThat(chunk.refCnt()).isZero();
  }

  @Test
  void aFrameThatGrpcKeepsForLaterIsSentAsItWas() throws Exception {
    byte[] bytes = {1, 2, 3, 4, 5};
    try (EventLoops loops = EventLoops.create(1, "test-loop");
        ScriptedRunnerServer server =
            ScriptedRunnerServer.start((engaged, message) -> engaged.request(1))) {
      EventLoop loop = loops.loops().getFirst();
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", server.port())
              .eventLoopGroup(loop)
              .channelFactory(loops::newSocketChannel)
              .executor(new LoopExecutor(loop))
              .usePlaintext()
              .build();
      try {
        // The loop can't connect before this is over, so the stream has nowhere to write to yet.
        loop.submit(() -> sendAndOverwrite(channel, bytes)).get();
        await().untilAsserted(() -> assertThat(server.frames()).containsExactly(bytes));
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private void sendAndOverwrite(ManagedChannel channel, byte[] bytes) {
    ClientCall<Outbound<ClientMsg>, RunnerMsg> call =
        channel.newCall(GrpcRunner.ENGAGE, CallOptions.DEFAULT);
    call.start(new ClientCall.Listener<>() {}, new Metadata());
    BodySender offering = new BodySender(call, body, failure -> {});
    offering.offer();
    ByteBuf chunk = Unpooled.directBuffer().writeBytes(bytes);
    ByteBuf sameMemory = chunk.retainedSlice();
    offering.chunk(chunk, true);
    assertThat(sameMemory.refCnt()).as("only the test has it").isOne();
    sameMemory.setZero(0, bytes.length).release();
  }
}
