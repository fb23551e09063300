package dev.fncluster.runner.docker.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.error.FnException;
import dev.fncluster.runner.docker.engine.EngineMeters;
import dev.fncluster.runner.docker.engine.EngineViews;
import dev.fncluster.runner.docker.registry.Credentials;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ImagePullerTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final PullRetry NEVER = PullRetry.usual(0);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final AtomicInteger pulls = new AtomicInteger();
  private final CountDownLatch go = new CountDownLatch(1);
  private volatile @Nullable PullFailedException failure;

  private ImagePuller puller(PullRetry retry) {
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(EngineViews.all());
    return new ImagePuller(
        (image, credentials, limit) -> {
          pulls.incrementAndGet();
          go.await();
          PullFailedException failed = failure;
          if (failed != null) {
            throw failed;
          }
        },
        retry,
        new EngineMeters(registry));
  }

  private List<Throwable> pullAll(ImagePuller puller, List<String> images) throws Exception {
    List<Throwable> failures = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch waiting = new CountDownLatch(images.size());
      List<Future<@Nullable Throwable>> ends = new ArrayList<>();
      for (String image : images) {
        ends.add(
            threads.submit(() -> {
              waiting.countDown();
              return catchThrowable(() -> puller.pull(image, Credentials.NONE, LIMIT));
            }));
      }
      waiting.await();
      // The pulls hang until they are let go, so that all who were counted have to share.
      await().atMost(LIMIT).until(() -> pulls.get() == (int) images.stream().distinct().count());
      go.countDown();
      for (Future<@Nullable Throwable> end : ends) {
        Throwable each = end.get();
        if (each != null) {
          failures.add(each);
        }
      }
    }
    return failures;
  }

  @Test
  void thoseWhoWantTheSameShareAPull() throws Exception {
    List<String> images = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      images.add("some/image:tag1");
      images.add("some/image:tag2");
    }
    assertThat(pullAll(puller(NEVER), images)).isEmpty();
    assertThat(pulls).hasValue(2);
  }

  @Test
  void theyShareItsFailureToo() throws Exception {
    failure = new PullFailedException(404, "yogurt");
    List<Throwable> failures =
        pullAll(puller(NEVER), java.util.Collections.nCopies(10, "some/image:1"));
    assertThat(failures)
        .hasSize(10)
        .allSatisfy(each -> {
          assertThat(each).isInstanceOf(FnException.class);
          assertThat(((FnException) each).code()).isEqualTo(404);
          assertThat(each).hasMessage("Failed to pull image 'some/image:1': yogurt");
        });
    assertThat(pulls).hasValue(1);
  }

  @Test
  void othersCredentialsAreNotUsed() throws Exception {
    go.countDown();
    ImagePuller puller = puller(NEVER);
    CountDownLatch unused = new CountDownLatch(1);
    puller.pull("some/image:1", Credentials.ofToken("one"), LIMIT);
    puller.pull("some/image:1", Credentials.ofToken("two"), LIMIT);
    assertThat(unused.getCount()).isEqualTo(1);
    assertThat(pulls).hasValue(2);
  }

  @Test
  void failuresThatMayPassAreTriedAgain() {
    go.countDown();
    failure = new PullFailedException(500, "toomanyrequests: later");
    PullRetry retry =
        new PullRetry(
            3,
            Duration.ofMillis(1),
            Duration.ofMillis(1),
            Duration.ofMillis(5),
            PullRetry::usualReason);
    Throwable end =
        catchThrowable(() -> puller(retry).pull("some/image:1", Credentials.NONE, LIMIT));
    assertThat(((FnException) end).code()).isEqualTo(502);
    assertThat(pulls).hasValue(4);
    assertThat(
            meters
                .get("fn_docker_api_retries")
                .tag("api_name", "docker_pull_image")
                .tag("api_status", "too_many_requests")
                .counter()
                .count())
        .isEqualTo(3);
  }

  @Test
  void othersAreNot() {
    go.countDown();
    failure = new PullFailedException(404, "manifest unknown");
    Throwable end =
        catchThrowable(
            () -> puller(PullRetry.usual(5)).pull("some/image:1", Credentials.NONE, LIMIT));
    assertThat(((FnException) end).code()).isEqualTo(404);
    assertThat(pulls).hasValue(1);
  }

  @Test
  void whoHasNoMoreTimeLeavesAndThePullGoesOn() throws Exception {
    ImagePuller puller = puller(NEVER);
    Throwable end =
        catchThrowable(() -> puller.pull("some/image:1", Credentials.NONE, Duration.ofMillis(20)));
    assertThat(((FnException) end).code()).isEqualTo(504);
    assertThat(end).hasMessage("Image pull timed out");
    go.countDown();
    puller.pull("some/image:1", Credentials.NONE, LIMIT);
    assertThat(pulls.get()).isBetween(1, 2);
  }

  @Test
  void aPullThatTakesTooLongIsGivenUp() {
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(EngineViews.all());
    ImagePuller puller =
        new ImagePuller(
            (image, credentials, limit) -> {
              throw new TimeoutException("too long");
            },
            NEVER,
            new EngineMeters(registry));
    Throwable end = catchThrowable(() -> puller.pull("some/image:1", Credentials.NONE, LIMIT));
    assertThat(((FnException) end).code()).isEqualTo(504);
  }

  @Test
  void delaysGrowWithinTheirBounds() {
    PullRetry retry =
        new PullRetry(
            9,
            Duration.ofMillis(100),
            Duration.ofMillis(50),
            Duration.ofMillis(1000),
            failed -> Optional.empty());
    Random random = new Random(1);
    for (int i = 0; i < 100; i++) {
      assertThat(retry.delay(1, random).toMillis()).isBetween(50L, 149L);
      assertThat(retry.delay(2, random).toMillis()).isBetween(50L, 349L);
      assertThat(retry.delay(40, random).toMillis()).isBetween(50L, 999L);
    }
  }
}
