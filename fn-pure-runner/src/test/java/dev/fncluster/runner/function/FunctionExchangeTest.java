package dev.fncluster.runner.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.Headers;
import dev.fncluster.runner.TestCalls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
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
  private static final String HEAD =
      """
      POST /call HTTP/1.1
      Host: localhost
      Transfer-Encoding: chunked
      X-Mode: echo
      Fn-Call-Id: c
      Fn-Deadline: 1970-01-01T00:00:10Z

      """
          .replace("\n", "\r\n");
  private static final String PIECE = "4\r\nbody\r\n";
  private static final String END = "0\r\n\r\n";

  private final Writes writes = new Writes();
  private final EmbeddedChannel channel = new EmbeddedChannel(writes);
  private final HandedOver body = new HandedOver();
  private final List<FunctionExchange.After> ends = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private final FunctionExchange exchange = exchange(TestCalls.call("c", "echo"));

  private FunctionExchange exchange(Call call) {
    return new FunctionExchange(
        TestCalls.invocation(call, body, CallContext.create(), channel.eventLoop()),
        new FunctionConnection(channel),
        new AnswerLimit(0),
        (failure, after) -> {
          ends.add(after);
          if (failure != null) {
            failures.add(failure);
          }
        });
  }

  /** What each flush took along, piece by piece. */
  private static final class Writes extends ChannelOutboundHandlerAdapter {
    private final List<List<String>> flushed = new ArrayList<>();
    private List<String> pending = new ArrayList<>();

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      pending.add(((ByteBuf) message).toString(StandardCharsets.UTF_8));
      ReferenceCountUtil.release(message);
      promise.setSuccess();
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
      flushed.add(pending);
      pending = new ArrayList<>();
    }
  }

  /** A body whose pieces come when the test says so. */
  private static final class HandedOver implements RequestBody {
    private @Nullable BodyConsumer consumer;
    private int asked;
    private boolean onHand;
    private String text = "body";

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
      Objects.requireNonNull(consumer)
          .chunk(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8), last);
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
    exchange.start(Instant.EPOCH, System.nanoTime());
    channel.runPendingTasks();
    assertThat(writes.flushed).containsExactly(List.of(HEAD + PIECE + END));
  }

  /** As one that came to the node with its head, and is handed over after it. */
  @Test
  void aBodyThatComesInTheSameTurnLeavesWithItsHead() {
    exchange.start(Instant.EPOCH, System.nanoTime());
    body.comes(true);
    channel.runPendingTasks();
    assertThat(writes.flushed).containsExactly(List.of(HEAD + PIECE + END));
  }

  @Test
  void theBeginningOfABodyLeavesWithItsHead() {
    exchange.start(Instant.EPOCH, System.nanoTime());
    body.comes(false);
    channel.runPendingTasks();
    body.comes(true);
    assertThat(writes.flushed).containsExactly(List.of(HEAD + PIECE), List.of(PIECE + END));
    assertThat(body.asked).isEqualTo(2);
  }

  @Test
  void theFunctionHearsOfACallWhoseBodyIsLate() {
    exchange.start(Instant.EPOCH, System.nanoTime());
    channel.runPendingTasks();
    assertThat(writes.flushed).containsExactly(List.of(HEAD));
    body.comes(true);
    assertThat(writes.flushed).containsExactly(List.of(HEAD), List.of(PIECE + END));
  }

  @Test
  void theFunctionHearsNothingOfACallThatIsOverByThen() {
    exchange.start(Instant.EPOCH, System.nanoTime());
    exchange.abort(new IllegalStateException("over"));
    channel.runPendingTasks();
    assertThat(writes.flushed).isEmpty();
    assertThat(ends).containsExactly(FunctionExchange.After.STOP);
  }

  @Test
  void anEmptyBodyIsAnEndOnly() {
    body.onHand = true;
    body.text = "";
    exchange.start(Instant.EPOCH, System.nanoTime());
    channel.runPendingTasks();
    assertThat(writes.flushed).containsExactly(List.of(HEAD + END));
  }

  @Test
  void aLongPieceIsNotCopied() {
    body.onHand = true;
    body.text = "x".repeat(0xABCD);
    exchange.start(Instant.EPOCH, System.nanoTime());
    channel.runPendingTasks();
    assertThat(writes.flushed).containsExactly(List.of(HEAD + "abcd\r\n", body.text, "\r\n" + END));
  }

  @Test
  void headersAreSentAsTheClientSentThem() {
    Call call = TestCalls.call("c", "echo");
    call.headers(
        new Headers()
            .add("x-word", "gr\u00FC\u00DFe \u4F60\u597D")
            .add("Connection", "close")
            .add("Content-Length", "3")
            .add("Te", "trailers")
            .add("Fn-Call-Id", "another's"));
    body.onHand = true;
    exchange(call).start(Instant.EPOCH, System.nanoTime());
    channel.runPendingTasks();
    assertThat(writes.flushed)
        .containsExactly(
            List.of(
                HEAD.replace("X-Mode: echo", "X-Word: gr\u00FC\u00DFe \u4F60\u597D\r\nTe: trailers")
                    + PIECE
                    + END));
  }

  @Test
  void aHeaderThatCouldMakeUpOthersIsRefused() {
    for (Headers each :
        List.of(
            new Headers().add("X", "a\r\nY: b"),
            new Headers().add("X", "a\u0000"),
            new Headers().add("X Y", "a"),
            new Headers().add("X:", "a"),
            new Headers().add("", "a"))) {
      exchange(TestCalls.call("c", "echo").headers(each)).start(Instant.EPOCH, System.nanoTime());
      channel.runPendingTasks();
    }
    assertThat(writes.flushed).isEmpty();
    assertThat(failures)
        .hasSize(5)
        .allSatisfy(failure ->
            assertThat(failure)
                .isInstanceOfSatisfying(
                    ServiceException.class, known -> assertThat(known.code()).isEqualTo(400))
                .hasMessageStartingWith("Invalid request header"));
    assertThat(ends).containsOnly(FunctionExchange.After.KEEP);
  }
}
