package dev.fncluster.runner.logs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fncluster.runner.driver.OutputSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class QueuedSinkTest {
  private static final int SIZE = line("1").footprint();

  private final AtomicLong dropped = new AtomicLong();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final List<LogLine> written = new CopyOnWriteArrayList<>();

  private static LogLine line(String text) {
    return new LogLine(
        0, OutputSource.STDOUT, ByteString.copyFromUtf8(text), "app", "fn", "box", "call");
  }

  private void write(LogLine line) {
    try {
      gate.await();
      written.add(line);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void nobodyWaitsForASinkThatHangs() throws Exception {
    QueuedSink queue = new QueuedSink("test", this::write, 10L * SIZE, dropped::addAndGet);
    for (int i = 0; i < 1_000; i++) {
      queue.accept(line("1"));
    }
    assertThat(dropped).hasValue(990);
    gate.countDown();
    Awaitility.await().untilAsserted(() -> assertThat(written).hasSize(10));
    queue.accept(line("2"));
    queue.close();
    assertThat(written).hasSize(11).endsWith(line("2"));
    assertThat(dropped).hasValue(990);
  }

  @Test
  void stopsInTimeAndCountsWhatItCouldNotWrite() throws Exception {
    QueuedSink queue = new QueuedSink("test", this::write, 10L * SIZE, dropped::addAndGet);
    for (int i = 0; i < 3; i++) {
      queue.accept(line("1"));
    }
    queue.close();
    queue.accept(line("1"));
    assertThat(dropped.get()).isGreaterThanOrEqualTo(3);
  }

  @Test
  void sinkThatFailsGetsTheNextLine() throws Exception {
    QueuedSink queue =
        new QueuedSink(
            "test",
            line -> {
              if (line.data().isEmpty()) {
                throw new NoSuchMethodError("a sink of another version");
              }
              written.add(line);
            },
            10L * SIZE,
            dropped::addAndGet);
    queue.accept(line(""));
    queue.accept(line("x"));
    queue.close();
    assertThat(written).containsExactly(line("x"));
    assertThat(dropped).hasValue(1);
  }

  @Test
  void showsNothingThatWouldPlayWithATerminal() {
    assertThat(NodeLog.printable("a\tb\u001B[2Jc\u0007 ü")).isEqualTo("a\tb\uFFFD[2Jc\uFFFD ü");
    assertThat(NodeLog.printable("plain")).isEqualTo("plain");
  }
}
