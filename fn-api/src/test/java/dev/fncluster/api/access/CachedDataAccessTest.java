package dev.fncluster.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.model.Fn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CachedDataAccessTest {
  private final ServiceException gone = new ServiceException(404, "Fn not found");
  private final ServiceException down = new ServiceException(503, "down");

  private final AtomicLong nanos = new AtomicLong(-5);
  private final FakeThreads threads = new FakeThreads();
  private final FakeSource source = new FakeSource();
  private final CachedDataAccess cache = CachedDataAccess.create(source, 100, nanos::get, threads);

  @Test
  void whatIsKnownIsThereAtOnceInTheSameFuture() {
    CompletableFuture<Fn> first = cache.fn("f");
    assertThat(first).isNotDone();
    threads.runAll();
    assertThat(first).isCompletedWithValueMatching(fn -> fn.image().equals("image1"));

    CompletableFuture<Fn> second = cache.fn("f");
    assertThat(second).isCompleted();
    assertThat(cache.fn("f")).isSameAs(second);
    assertThat(source.asked).hasValue(1);
  }

  @Test
  void eachKindAndKeyIsLoadedForItself() {
    CompletableFuture<String> id = cache.appIdByName("a");
    CompletableFuture<?> app = cache.app("a");
    CompletableFuture<?> fn = cache.fn("a");
    CompletableFuture<?> one = cache.triggerBySource("a", "http", "/1");
    CompletableFuture<?> two = cache.triggerBySource("a", "http", "/2");
    threads.runAll();

    assertThat(List.of(id, app, fn, one, two)).allMatch(CompletableFuture::isDone);
    assertThat(source.asked).hasValue(5);
    assertThat(cache.triggerBySource("a", "http", "/2")).isCompleted();
    assertThat(id).isCompletedWithValue("id-a-1");
  }

  @Test
  void missesAtTheSameTimeShareOneLoad() {
    List<CompletableFuture<Fn>> all = IntStream.range(0, 5).mapToObj(i -> cache.fn("f")).toList();
    assertThat(threads.waiting()).isEqualTo(1);
    all.getFirst().cancel(false);
    threads.runAll();

    assertThat(all.subList(1, 5)).allMatch(f -> f.state() == Future.State.SUCCESS);
    assertThat(source.asked).hasValue(1);
  }

  @Test
  void loadsAgainFiveSecondsAfterTheLoadBegan() {
    load("f");
    after(Duration.ofSeconds(5));

    CompletableFuture<Fn> next = cache.fn("f");
    assertThat(next).as("nothing older is served").isNotDone();
    threads.runAll();
    assertThat(next).isCompletedWithValueMatching(fn -> fn.image().equals("image2"));
  }

  @Test
  void whatIsInUseIsLoadedAgainBeforeItsTimeIsOver() {
    load("f");
    after(Duration.ofMillis(3999));
    assertThat(cache.fn("f")).isCompleted();
    assertThat(threads.waiting()).isZero();

    after(Duration.ofMillis(1));
    assertThat(cache.fn("f")).isCompletedWithValueMatching(fn -> fn.image().equals("image1"));
    assertThat(cache.fn("f")).isCompleted();
    assertThat(threads.waiting()).as("one reload").isEqualTo(1);
    threads.runAll();
    assertThat(cache.fn("f")).isCompletedWithValueMatching(fn -> fn.image().equals("image2"));

    after(Duration.ofMillis(3999));
    assertThat(cache.fn("f")).isCompleted();
    assertThat(threads.waiting()).isZero();
  }

  @Test
  void failuresAreNotRememberedAndComeUnwrapped() {
    source.failure = gone;
    CompletableFuture<Fn> missing = cache.fn("f");
    threads.runAll();
    List<Throwable> seen = new ArrayList<>();
    var _ = missing.whenComplete((fn, failure) -> seen.add(failure));
    assertThat(seen).containsExactly(gone);

    source.failure = null;
    CompletableFuture<Fn> created = cache.fn("f");
    threads.runAll();
    assertThat(created).isCompleted();
    assertThat(created.state()).isEqualTo(Future.State.SUCCESS);
  }

  @Test
  void aDeletedFnIsGoneAfterTheReload() {
    load("f");
    source.failure = gone;
    after(Duration.ofMillis(4500));
    assertThat(cache.fn("f")).isCompleted();
    threads.runAll();

    CompletableFuture<Fn> next = cache.fn("f");
    threads.runAll();
    assertFailed(next, gone);
  }

  @Test
  void servesOnWhileTheSourceIsDown() {
    load("f");
    source.failure = down;
    after(Duration.ofSeconds(6));
    CompletableFuture<Fn> first = cache.fn("f");
    assertThat(first).as("nobody knows yet that it is down").isNotDone();
    threads.runAll();
    assertThat(first.join().image()).isEqualTo("image1");

    after(Duration.ofSeconds(60));
    assertThat(cache.fn("f")).as("known to be down").isCompleted();
    assertThat(threads.waiting()).as("tried again in the background").isEqualTo(1);
    source.failure = null;
    threads.runAll();
    assertThat(cache.fn("f").join().image()).isEqualTo("image3");

    source.failure = down;
    after(Duration.ofMinutes(5));
    CompletableFuture<Fn> tooOld = cache.fn("f");
    threads.runAll();
    assertFailed(tooOld, down);
  }

  @Test
  void servesOnWhereTheSourceSaysNothing() throws Exception {
    load("f");
    after(Duration.ofSeconds(6));

    // Nobody runs the load.
    assertThat(cache.fn("f").get(60, TimeUnit.SECONDS).image()).isEqualTo("image1");
    assertThat(cache.fn("f")).as("nobody waits any more").isCompleted();

    threads.runAll();
    assertThat(cache.fn("f")).isCompletedWithValueMatching(fn -> fn.image().equals("image2"));
  }

  @Test
  void whatWasNeverLoadedFailsWhileTheSourceIsDown() {
    source.failure = down;
    CompletableFuture<Fn> unknown = cache.fn("f");
    threads.runAll();

    assertFailed(unknown, down);
  }

  @Test
  void aNotFoundMeansThatTheSourceIsUpAgain() {
    load("f");
    load("g");
    source.failure = down;
    after(Duration.ofSeconds(6));
    load("f");
    assertThat(cache.fn("g")).as("known to be down").isCompleted();

    source.failure = gone;
    threads.runAll();
    assertThat(cache.fn("f")).as("up again: nothing old is served").isNotDone();
  }

  @Test
  void anotherRefusalIsNoReasonToForgetOrToDoubtTheSource() {
    load("f");
    load("g");
    source.failure = new ServiceException(429, "slower");
    after(Duration.ofSeconds(6));
    CompletableFuture<Fn> known = cache.fn("f");
    CompletableFuture<Fn> unknown = cache.fn("h");
    threads.runAll();

    assertThat(known.join().image()).isEqualTo("image1");
    assertThat(unknown.isCompletedExceptionally()).isTrue();
    assertThat(cache.fn("g")).as("its source is not down").isNotDone();
  }

  @Test
  void turnsCallersAwayWhenTooManyLoadsWait() {
    for (int i = 0; i < LoadingTable.MAX_LOADING; i++) {
      assertThat(cache.fn("f" + i)).isNotDone();
    }
    CompletableFuture<Fn> oneMore = cache.fn("more");

    assertThat(InvocationErrors.isServerBusy(oneMore.exceptionNow())).isTrue();
    threads.runAll();
    assertThat(cache.fn("more")).as("there is room again").isNotDone();
  }

  @Test
  void keepsNoMoreThanItsLimit() {
    for (int i = 0; i < 300; i++) {
      load("f" + i);
    }
    long known = IntStream.range(0, 300).filter(i -> cache.fn("f" + i).isDone()).count();

    assertThat(known).isBetween(50L, 100L);
  }

  @Test
  void whatNobodyAsksForAnyMoreIsNotKept() {
    LoadingTable<String, String> table =
        new LoadingTable<>(
            key -> key, 100, nanos::get, new Loads(threads, 1, Duration.ofSeconds(1)));
    var _ = table.get("old");
    threads.runAll();
    after(Duration.ofMinutes(3));
    var _ = table.get("young");
    threads.runAll();
    after(Duration.ofMinutes(2));
    var _ = table.get("new");
    threads.runAll();

    assertThat(table.size()).isEqualTo(2);
    assertThat(table.get("new")).isCompleted();
  }

  @Test
  void callersOnManyThreadsShareOneLoad() throws Exception {
    try (CachedDataAccess real = CachedDataAccess.create(source);
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 1; round <= 50; round++) {
        String id = "f" + round;
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Fn>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          answers.add(
              callers.submit(() -> {
                start.await();
                return real.fn(id).get(10, TimeUnit.SECONDS);
              }));
        }
        start.countDown();
        for (Future<Fn> answer : answers) {
          assertThat(answer.get().image()).isEqualTo("image" + round);
        }
      }
    }
    assertThat(source.asked).hasValue(50);
  }

  @Test
  void loadsOnRealThreads() throws Exception {
    try (CachedDataAccess real = CachedDataAccess.create(source)) {
      assertThat(real.fn("f").get(10, TimeUnit.SECONDS).image()).isEqualTo("image1");
      assertThat(real.fn("f")).isCompleted();
      source.failure = gone;
      assertThatThrownBy(() -> real.fn("g").get(10, TimeUnit.SECONDS)).hasCause(gone);
    }
  }

  private void load(String id) {
    var _ = cache.fn(id);
    threads.runAll();
  }

  private void after(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private static void assertFailed(CompletableFuture<?> future, Throwable failure) {
    assertThat(future.exceptionNow()).isSameAs(failure);
  }
}
