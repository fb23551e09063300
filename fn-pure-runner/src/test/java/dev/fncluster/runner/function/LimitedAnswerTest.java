package dev.fncluster.runner.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is held back, and for how long, by a clock of its own. */
final class LimitedAnswerTest {
  private static final int KIBIBYTE = 1024;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Sink sink = new Sink();
  private final List<ByteBuf> pieces = new ArrayList<>();
  private AnswerLimit limit = new AnswerLimit(1024 * KIBIBYTE);
  private int released;

  LimitedAnswerTest() {
    channel.freezeTime();
  }

  private static final class Sink implements ResponseSink {
    private boolean head;
    private long bytes;
    private long room = Long.MAX_VALUE;

    @Override
    public void head(int status, Headers headers) {
      assertThat(head).as("there is one head").isFalse();
      head = true;
    }

    @Override
    public boolean isHeadWritten() {
      return head;
    }

    @Override
    public void data(ByteBuf chunk) {
      assertThat(head).as("the head comes first").isTrue();
      bytes += chunk.readableBytes();
      chunk.release();
    }

    @Override
    public boolean isWritable() {
      return bytes < room;
    }

    @Override
    public void onWritable(Runnable listener) {}
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(limit.held()).as("bytes that count as held").isZero();
    assertThat(pieces).allMatch(piece -> piece.refCnt() == 0);
    channel.finishAndReleaseAll();
  }

  private LimitedAnswer answer() {
    return new LimitedAnswer(sink, limit, channel.eventLoop(), () -> released++);
  }

  private LimitedAnswer begun() {
    LimitedAnswer answer = answer();
    assertThat(answer.head(new Headers(), -1)).isTrue();
    return answer;
  }

  private ByteBuf piece(int size) {
    ByteBuf piece = Unpooled.buffer(size).writeZero(size);
    pieces.add(piece);
    return piece;
  }

  private void pass(long nanos) {
    channel.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
  }

  private void passPeriod() {
    pass(LimitedAnswer.PERIOD_NANOS);
  }

  @Test
  void lengthThatIsToldNeedsNoHolding() {
    LimitedAnswer answer = answer();
    assertThat(answer.head(new Headers(), 1024 * KIBIBYTE + 1)).isFalse();
    assertThat(sink.head).isFalse();
    assertThat(answer.head(new Headers(), 1024 * KIBIBYTE)).isTrue();
    assertThat(sink.head).isTrue();
    assertThat(answer.data(piece(1))).isTrue();
    assertThat(sink.bytes).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, AnswerLimit.MAX_HELD + 1})
  void withoutALimitThatCanBeHeldAnswersGoOutAtOnce(long bytes) {
    limit = new AnswerLimit(bytes);
    LimitedAnswer answer = begun();
    assertThat(sink.head).isTrue();
    assertThat(answer.data(piece(100))).isTrue();
    assertThat(sink.bytes).isEqualTo(100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/event-stream", "Text/Event-Stream; charset=utf-8"})
  void streamsOfEventsGoOutAtOnce(String type) {
    LimitedAnswer answer = answer();
    assertThat(answer.head(new Headers().add("Content-Type", type), -1)).isTrue();
    assertThat(sink.head).isTrue();
    assertThat(answer.data(piece(100))).isTrue();
    assertThat(sink.bytes).isEqualTo(100);
  }

  @Test
  void answerOfUnknownLengthComesWhenItIsWhole() {
    LimitedAnswer answer = begun();
    for (int i = 0; i < 1024; i++) {
      assertThat(answer.data(piece(KIBIBYTE))).isTrue();
    }
    assertThat(sink.head).isFalse();
    assertThat(limit.held()).isEqualTo(1024 * KIBIBYTE);
    assertThat(answer.complete()).isTrue();
    assertThat(sink.bytes).isEqualTo(1024 * KIBIBYTE);
    passPeriod();
    assertThat(released).as("looks after the end").isZero();
  }

  @Test
  void nothingIsSentOfAnAnswerThatIsTooLong() {
    LimitedAnswer answer = begun();
    assertThat(answer.data(piece(1024 * KIBIBYTE))).isTrue();
    assertThat(answer.data(piece(1))).isFalse();
    assertThat(sink.head).isFalse();
  }

  @Test
  void slowAnswerIsLetGoAndThenCutOff() {
    LimitedAnswer answer = begun();
    assertThat(answer.data(piece(LimitedAnswer.LEAST_OF_A_PERIOD - 1))).isTrue();
    assertThat(sink.head).isFalse();
    passPeriod();
    assertThat(released).isEqualTo(1);
    assertThat(sink.bytes).isEqualTo(LimitedAnswer.LEAST_OF_A_PERIOD - 1);
    assertThat(answer.data(piece(1))).isTrue();
    assertThat(sink.bytes).isEqualTo(LimitedAnswer.LEAST_OF_A_PERIOD);
    assertThat(answer.data(piece(1024 * KIBIBYTE))).isFalse();
    assertThat(sink.bytes).as("up to the limit").isEqualTo(1024 * KIBIBYTE);
  }

  @Test
  void headAloneIsLetGoToo() {
    LimitedAnswer answer = begun();
    passPeriod();
    assertThat(sink.head).isTrue();
    answer.discard();
  }

  @Test
  void fastAnswerIsHeldBackForManyPeriodsAndNotForever() {
    limit = new AnswerLimit(AnswerLimit.MAX_HELD);
    LimitedAnswer answer = begun();
    for (int period = 1; period < LimitedAnswer.MAX_PERIODS; period++) {
      assertThat(answer.data(piece(LimitedAnswer.LEAST_OF_A_PERIOD))).isTrue();
      passPeriod();
      assertThat(sink.head).as("after period %d", period).isFalse();
    }
    assertThat(answer.data(piece(LimitedAnswer.LEAST_OF_A_PERIOD))).isTrue();
    passPeriod();
    assertThat(sink.bytes)
        .isEqualTo((long) LimitedAnswer.MAX_PERIODS * LimitedAnswer.LEAST_OF_A_PERIOD);
  }

  @Test
  void lookThatComesLateDecidesNothing() {
    LimitedAnswer answer = begun();
    pass(LimitedAnswer.PERIOD_NANOS * 2);
    assertThat(sink.head).isFalse();
    passPeriod();
    assertThat(sink.head).isTrue();
    answer.discard();
  }

  @Test
  void thereIsABoundForAllTogether() {
    assertThat(limit.reserve((int) AnswerLimit.MAX_HELD_TOGETHER - 100)).isTrue();
    LimitedAnswer answer = begun();
    assertThat(answer.data(piece(100))).isTrue();
    assertThat(sink.head).isFalse();
    assertThat(answer.data(piece(1))).isTrue();
    assertThat(sink.bytes).isEqualTo(101);
    assertThat(answer.complete()).isTrue();
    limit.release(AnswerLimit.MAX_HELD_TOGETHER - 100);
  }

  @Test
  void whoReadsSlowlyGetsItBitByBit() {
    LimitedAnswer answer = begun();
    assertThat(answer.data(piece(1024 * KIBIBYTE))).isTrue();
    sink.room = 100 * KIBIBYTE;
    assertThat(answer.complete()).isFalse();
    assertThat(sink.bytes).isBetween(100L * KIBIBYTE, 200L * KIBIBYTE);
    sink.room = Long.MAX_VALUE;
    assertThat(answer.drain()).isTrue();
    assertThat(sink.bytes).isEqualTo(1024 * KIBIBYTE);
  }

  @Test
  void whatComesWhileTheFirstPartIsOnItsWayQueuesUp() {
    LimitedAnswer answer = begun();
    assertThat(answer.data(piece(100 * KIBIBYTE))).isTrue();
    sink.room = 1;
    passPeriod();
    assertThat(answer.data(piece(10))).isTrue();
    assertThat(answer.complete()).isFalse();
    assertThat(sink.bytes).isLessThan(100 * KIBIBYTE);
    sink.room = Long.MAX_VALUE;
    assertThat(answer.drain()).isTrue();
    assertThat(sink.bytes).isEqualTo(100 * KIBIBYTE + 10);
  }

  @Test
  void whatIsDiscardedIsGone() {
    LimitedAnswer answer = begun();
    assertThat(answer.data(piece(100 * KIBIBYTE))).isTrue();
    answer.discard();
    answer.discard();
    passPeriod();
    assertThat(sink.head).isFalse();
    assertThat(released).isZero();
  }
}
