package dev.fncluster.runnerpool.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.RunnerMsg;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class BodySenderTest {
  private final List<ClientMsg> sent = new ArrayList<>();
  private boolean ready;
  private boolean halfClosed;
  private int asked;

  private final ClientCall<ClientMsg, RunnerMsg> stream =
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
        public void sendMessage(ClientMsg message) {
          sent.add(message);
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

  @Test
  void theFirstFrameOfAnOfferFollowsItAlsoWhenItComesALittleLater() {
    sender.offer();
    assertThat(asked).isEqualTo(1);
    sender.chunk(Unpooled.wrappedBuffer(new byte[100]), true);
    assertThat(sent).hasSize(1);
    assertThat(sent.getFirst().getData().getEof()).isTrue();
    assertThat(halfClosed).isTrue();
  }

  @Test
  void noMoreThanOneFrameIsSentBeforeTheStreamIsReady() {
    sender.offer();
    sender.chunk(Unpooled.wrappedBuffer(new byte[BodySender.MAX_FRAME_BYTES + 1]), true);
    assertThat(sent).hasSize(1);
    assertThat(halfClosed).isFalse();
    ready = true;
    sender.pump();
    assertThat(sent).hasSize(2);
    assertThat(halfClosed).isTrue();
  }

  @Test
  void nothingIsSentBeforeTheStreamIsReadyWithoutAnOffer() {
    sender.pump();
    sender.chunk(Unpooled.wrappedBuffer(new byte[1]), true);
    assertThat(sent).isEmpty();
  }
}
