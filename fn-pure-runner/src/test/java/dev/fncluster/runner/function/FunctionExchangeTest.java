package dev.fncluster.runner.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.runner.TestCalls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** In which pieces a request leaves. */
final class FunctionExchangeTest {
  private static final ByteBuf PIECE = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(bytes()));

  private final Writes writes = new Writes();
  private final EmbeddedChannel channel = new EmbeddedChannel(writes);
  private final HandedOver body = new HandedOver();
  private final List<FunctionExchange.After> ends = new ArrayList<>();
  private final FunctionExchange exchange =
      new FunctionExchange(
          TestCalls.invocation(
              TestCalls.call("c", "echo"), body, CallContext.create(), channel.eventLoop()),
          new FunctionConnection(channel),
          new AnswerLimit(0),
          (failure, after) -> ends.add(after));

  private static byte[] bytes() {
    return new byte[] {'b', 'o', 'd', 'y'};
  }

  /** What each flush took along, as words. */
  private static final class Writes extends ChannelOutboundHandlerAdapter {
    private final List<List<String>> flushed = new ArrayList<>();
    private List<String> pending = new ArrayList<>();

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      pending.add(word(message));
      ReferenceCountUtil.release(message);
      promise.setSuccess();
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
      flushed.add(pending);
      pending = new ArrayList<>();
    }

    private static String word(Object message) {
      String text =
          message instanceof HttpContent content
              ? new String(ByteBufUtil.getBytes(content.content()), StandardCharsets.UTF_8)
              : "";
      return switch (message) {
        case FullHttpRequest whole -> "whole " + text;
        case HttpRequest head -> "head";
        case LastHttpContent last -> "last " + text;
        case HttpContent piece -> "piece " + text;
        default -> message.toString();
      };
    }
  }

  /** A body whose pieces come when the test says so. */
  private static final class HandedOver implements RequestBody {
    private @Nullable BodyConsumer consumer;
    private int asked;
    private boolean onHand;

    @Override
    public long length() {
      return -1;
    }

    @Override
    public BodyReader open(BodyConsumer to) {
      consumer = to;
      return new BodyReader() {
        @Override
        public void request() {
          asked++;
          if (onHand) {
            comes(true);
          }
        }

        @Override
        public void cancel() {}
      };
    }

    void comes(boolean last) {
      Objects.requireNonNull(consumer).chunk(PIECE.duplicate(), last);
    }

    @Override
    public boolean isReplayable() {
      return false;
    }

    @Override
    public void commit() {}

    @Override
    public void close() {}
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(writes.pending).as("written and not flushed").isEmpty();
    channel.finishAndReleaseAll();
  }

  @Test
  void aBodyThatIsThereLeavesWithItsHead() {
    body.onHand = true;
    exchange.start(Instant.EPOCH);
    channel.runPendingTasks();
    assertThat(writes.flushed).containsExactly(List.of("whole body"));
  }

  /** As one that came to the node with its head, and is handed over after it. */
  @Test
  void aBodyThatComesInTheSameTurnLeavesWithItsHead() {
    exchange.start(Instant.EPOCH);
    body.comes(true);
    channel.runPendingTasks();
    assertThat(writes.flushed).containsExactly(List.of("whole body"));
  }

  @Test
  void theBeginningOfABodyLeavesWithItsHead() {
    exchange.start(Instant.EPOCH);
    body.comes(false);
    channel.runPendingTasks();
    body.comes(true);
    assertThat(writes.flushed).containsExactly(List.of("head", "piece body"), List.of("last body"));
    assertThat(body.asked).isEqualTo(2);
  }

  @Test
  void theFunctionHearsOfACallWhoseBodyIsLate() {
    exchange.start(Instant.EPOCH);
    channel.runPendingTasks();
    assertThat(writes.flushed).containsExactly(List.of("head"));
    body.comes(true);
    assertThat(writes.flushed).containsExactly(List.of("head"), List.of("last body"));
  }

  @Test
  void theFunctionHearsNothingOfACallThatIsOverByThen() {
    exchange.start(Instant.EPOCH);
    exchange.abort(new IllegalStateException("over"));
    channel.runPendingTasks();
    assertThat(writes.flushed).isEmpty();
    assertThat(ends).containsExactly(FunctionExchange.After.STOP);
  }
}
