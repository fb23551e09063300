package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.replay.ReplaySettings;
import dev.fncluster.api.replay.ReplaySpace;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamedBodyTest {
  private final ByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final FakeSource source = new FakeSource();
  private final List<ByteBuf> given = new ArrayList<>();
  private StreamedBody body = new StreamedBody(source, allocator, -1, 0, ReplaySpace.inMemory(10));

  @AfterEach
  void everythingIsReleased() {
    body.close();
    // What is just being written is released on the loop when the disk is done with it.
    await()
        .untilAsserted(() -> {
          for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
          }
          assertThat(given).allMatch(each -> each.refCnt() == 0);
        });
  }

  @Test
  void readsOnlyWhenAsked() {
    Reading reading = open();
    source.add("ab", false);
    body.pump();
    assertThat(reading.text()).isEmpty();
    assertThat(body.isWanting()).isFalse();

    reading.reader().request();
    assertThat(reading.text()).isEqualTo("ab");
    assertThat(body.isWanting()).isFalse();

    reading.reader().request();
    assertThat(body.isWanting()).isTrue();
    source.add("c", true);
    body.pump();
    assertThat(reading.text()).isEqualTo("abc");
    assertThat(reading.last).isTrue();
  }

  @Test
  void replaysFromTheStartAndGoesOn() {
    Reading first = open();
    source.add("ab", false).add("cd", false);
    first.reader().request();
    first.reader().request();

    Reading second = open();
    source.add("ef", true);
    first.reader().request();
    second.readAll();

    assertThat(first.text()).isEqualTo("abcd");
    assertThat(second.text()).isEqualTo("abcdef");
    assertThat(second.last).isTrue();
    Reading third = open();
    third.readAll();
    assertThat(third.text()).isEqualTo("abcdef");
  }

  @Test
  void stopsKeepingWhatIsTooMuch() {
    Reading first = open();
    source.add("12345678", false).add("9ab", false).add("c", true);
    first.reader().request();
    assertThat(body.isReplayable()).isTrue();
    first.reader().request();
    assertThat(body.isReplayable()).isFalse();
    first.readAll();
    assertThat(first.text()).isEqualTo("123456789abc");
    assertThatThrownBy(this::open).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void commitKeepsWhatTheReadingStillNeeds() {
    Reading first = open();
    source.add("ab", false).add("cd", false);
    first.reader().request();
    first.reader().request();
    Reading second = open();
    body.commit();
    assertThat(body.isReplayable()).isFalse();
    source.add("ef", true);
    second.readAll();
    assertThat(second.text()).isEqualTo("abcdef");
    assertThatThrownBy(this::open).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void canBeReadOnceWhenCommittedBefore() {
    body.commit();
    Reading only = open();
    source.add("ab", true);
    only.readAll();
    assertThat(only.text()).isEqualTo("ab");
  }

  @Test
  void failsPastTheLimitAndStaysFailed() {
    body = new StreamedBody(source, allocator, -1, 3, ReplaySpace.inMemory(10));
    Reading first = open();
    source.add("ab", false).add("cd", true);
    first.readAll();
    assertThat(first.text()).isEqualTo("ab");
    assertThat(first.failure)
        .isInstanceOfSatisfying(FnException.class, e -> assertThat(e.code()).isEqualTo(413));
    Reading second = open();
    second.readAll();
    assertThat(second.text()).isEqualTo("ab");
    assertThat(second.failure).isNotNull();
  }

  @Test
  void cancelledReadingHearsNothing() {
    Reading first = open();
    first.reader().request();
    first.reader().cancel();
    source.add("ab", true);
    body.pump();
    assertThat(first.text()).isEmpty();
    Reading second = open();
    second.readAll();
    assertThat(second.text()).isEqualTo("ab");
  }

  @Test
  void failureReachesWhoeverWaits() {
    Reading reading = open();
    reading.reader().request();
    body.fail(new IllegalStateException("gone"));
    assertThat(reading.failure).hasMessage("gone");
  }

  @Test
  void manyPiecesNeedNoStack() {
    body = new StreamedBody(source, allocator, -1, 0, ReplaySpace.inMemory());
    Reading reading = open();
    for (int i = 0; i < 100_000; i++) {
      source.add("x", i == 99_999);
    }
    reading.readAll();
    Reading again = open();
    again.readAll();
    assertThat(reading.text()).hasSize(100_000);
    assertThat(again.text()).isEqualTo(reading.text());
  }

  @Test
  void replaysFromAFileWhatIsTooLongForMemory(@TempDir Path folder) throws Exception {
    ReplaySpace space = ReplaySpace.of(new ReplaySettings(10, Long.MAX_VALUE, folder, 100, 100));
    body = new StreamedBody(source, allocator, -1, 0, space);
    Reading first = open();
    source.add("12345678", false).add("9ab", false).add("cdefghij", false);
    first.reader().request();
    first.reader().request();
    first.reader().request();
    assertThat(first.text()).isEqualTo("123456789abcdefghij");
    assertThat(body.isReplayable()).isTrue();

    Reading second = open();
    source.add("k", true);
    second.readAll();
    runUntilLast(second);
    assertThat(second.text()).isEqualTo("123456789abcdefghijk");

    Reading third = open();
    body.commit();
    third.readAll();
    runUntilLast(third);
    assertThat(third.text()).isEqualTo("123456789abcdefghijk");
    assertThat(space.bytesInFiles()).isZero();
  }

  @Test
  void goesOnWhenItIsCommittedWhileItWaitsForTheDisk(@TempDir Path folder) throws Exception {
    body =
        new StreamedBody(
            source,
            allocator,
            -1,
            0,
            ReplaySpace.of(new ReplaySettings(0, Long.MAX_VALUE, folder, 1 << 20, 1 << 20)));
    Reading only = open();
    String beginning = "x".repeat(600 * 1024);
    source.add(beginning, false).add("end", true);
    only.readAll();
    assertThat(only.text()).as("as much as may wait for the disk").isEqualTo(beginning);

    body.commit();

    runUntilLast(only);
    assertThat(only.text()).isEqualTo(beginning + "end");
  }

  @Test
  void goesOnWithoutAReplayWhenTheDiskFails(@TempDir Path folder) throws Exception {
    ReplaySpace space =
        ReplaySpace.of(
            new ReplaySettings(0, Long.MAX_VALUE, folder.resolve("not-there"), 100, 100));
    body = new StreamedBody(source, allocator, -1, 0, space);
    Reading first = open();
    source.add("ab", false);
    first.reader().request();
    assertThat(first.text()).isEqualTo("ab");
    while (body.isReplayable()) {
      Runnable task = tasks.poll(60, TimeUnit.SECONDS);
      assertThat(task).isNotNull();
      task.run();
    }
    source.add("cd", true);
    first.readAll();
    assertThat(first.text()).isEqualTo("abcd");
    assertThat(first.last).isTrue();
    assertThatThrownBy(this::open).isInstanceOf(IllegalStateException.class);
  }

  private void runUntilLast(Reading reading) throws InterruptedException {
    while (!reading.last) {
      Runnable task = tasks.poll(60, TimeUnit.SECONDS);
      assertThat(task).as("something from the disk").isNotNull();
      task.run();
    }
  }

  private Reading open() {
    Reading reading = new Reading();
    reading.opened = body.open(reading);
    return reading;
  }

  private final class FakeSource implements StreamedBody.Source {
    private final ArrayDeque<HttpContent> queue = new ArrayDeque<>();

    FakeSource add(String text, boolean last) {
      ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
      given.add(bytes);
      queue.add(last ? new DefaultLastHttpContent(bytes) : new DefaultHttpContent(bytes));
      return this;
    }

    @Override
    public @Nullable HttpContent poll() {
      return queue.poll();
    }

    @Override
    public void more() {}

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }
  }

  private static final class Reading implements BodyConsumer {
    private final StringBuilder text = new StringBuilder();
    private @Nullable BodyReader opened;
    private @Nullable Throwable failure;
    private boolean last;
    private boolean all;

    BodyReader reader() {
      BodyReader reader = opened;
      if (reader == null) {
        throw new AssertionError("not opened");
      }
      return reader;
    }

    String text() {
      return text.toString();
    }

    void readAll() {
      all = true;
      reader().request();
    }

    @Override
    public void chunk(ByteBuf data, boolean isLast) {
      text.append(data.toString(StandardCharsets.UTF_8));
      data.release();
      last = isLast;
      if (all && !isLast) {
        reader().request();
      }
    }

    @Override
    public void failed(Throwable cause) {
      failure = cause;
    }
  }
}
