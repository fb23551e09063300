package dev.fncluster.runner.freeze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.runner.driver.Freezer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FreezeControlTest {
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final List<Exception> failures = new CopyOnWriteArrayList<>();
  private final List<Runnable> later = new ArrayList<>();
  private final Semaphore mayEnd = new Semaphore(0);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean wanted;
  private volatile @Nullable IOException failure;

  private final Freezer freezer =
      new Freezer() {
        @Override
        public void freeze() throws InterruptedException, IOException {
          log.add("freeze");
          mayEnd.acquire();
          fail();
        }

        @Override
        public void thaw() throws IOException {
          log.add("thaw");
          fail();
        }

        private void fail() throws IOException {
          IOException now = failure;
          if (now != null) {
            throw now;
          }
        }
      };

  private final FreezeControl inBackground =
      new FreezeControl(freezer, () -> wanted, threads, failures::add);
  private final FreezeControl byHand =
      new FreezeControl(freezer, () -> wanted, later::add, failures::add);

  @AfterEach
  void close() {
    mayEnd.release(100);
    threads.close();
  }

  private void runLater() {
    List<Runnable> now = List.copyOf(later);
    later.clear();
    now.forEach(Runnable::run);
  }

  @Test
  void asksAgainBeforeItFreezes() {
    wanted = true;
    byHand.update();
    wanted = false;
    byHand.update();
    runLater();
    assertThat(log).isEmpty();
    assertThat(later).isEmpty();
  }

  @Test
  void undoesWhatIsNoLongerWanted() {
    wanted = true;
    inBackground.update();
    await().atMost(Duration.ofSeconds(60)).until(() -> log.contains("freeze"));
    wanted = false;
    inBackground.update();
    assertThat(log).containsExactly("freeze");
    mayEnd.release();
    await().atMost(Duration.ofSeconds(60)).until(() -> log.equals(List.of("freeze", "thaw")));
  }

  @Test
  void doesNothingTwice() {
    mayEnd.release(2);
    wanted = true;
    byHand.update();
    runLater();
    byHand.update();
    assertThat(later).isEmpty();
    assertThat(log).containsExactly("freeze");
  }

  @Test
  void endsWithAThaw() throws Exception {
    mayEnd.release();
    wanted = true;
    byHand.update();
    runLater();
    wanted = false;
    assertThat(byHand.end(Duration.ofSeconds(60))).isTrue();
    assertThat(byHand.end(Duration.ofSeconds(60))).isTrue();
    assertThat(log).containsExactly("freeze", "thaw");
  }

  @Test
  void waitsForWhatIsUnderWayButNotForever() throws Exception {
    wanted = true;
    inBackground.update();
    await().atMost(Duration.ofSeconds(60)).until(() -> log.contains("freeze"));
    wanted = false;
    assertThat(inBackground.end(Duration.ofMillis(10))).isFalse();
    mayEnd.release();
    assertThat(inBackground.end(Duration.ofSeconds(60))).isTrue();
    assertThat(log).containsExactly("freeze", "thaw");
  }

  @Test
  void doesNothingAfterAFailureButThawInTheEnd() throws Exception {
    mayEnd.release();
    failure = new IOException("half-way");
    wanted = true;
    byHand.update();
    runLater();
    assertThat(failures).hasSize(1);
    wanted = false;
    byHand.update();
    assertThat(later).isEmpty();
    failure = null;
    assertThat(byHand.end(Duration.ofSeconds(60))).isTrue();
    assertThat(log).containsExactly("freeze", "thaw");
  }
}
