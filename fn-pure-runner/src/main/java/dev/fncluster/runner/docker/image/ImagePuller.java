package dev.fncluster.runner.docker.image;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.runner.docker.engine.EngineApi;
import dev.fncluster.runner.docker.engine.EngineMeters;
import dev.fncluster.runner.docker.engine.EngineUnavailableException;
import dev.fncluster.runner.docker.registry.Credentials;
import dev.fncluster.runner.docker.registry.ImageReference;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls images, each only once at a time however many ask for it with the same credentials. The
 * pull goes on when those who asked have left: the next one will want it. Blocks; thread-safe.
 */
final class ImagePuller implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ImagePuller.class);

  private record Key(ImageReference image, Credentials credentials) {}

  private final PullEngine engine;
  private final PullRetry retry;
  private final EngineMeters meters;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Map<Key, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();

  ImagePuller(PullEngine engine, PullRetry retry, EngineMeters meters) {
    this.engine = engine;
    this.retry = retry;
    this.meters = meters;
  }

  /**
   * Returns when the image is there.
   *
   * @param name the image as the function names it, for messages
   * @param limit for this caller; the first one's holds for the pull itself
   * @throws FnException when it can't be had, or not in time
   */
  void pull(String name, Credentials credentials, Duration limit) throws InterruptedException {
    Key key = new Key(ImageReference.parse(name), credentials);
    CompletableFuture<Void> mine = new CompletableFuture<>();
    CompletableFuture<Void> other = underWay.putIfAbsent(key, mine);
    if (other == null) {
      Thread.ofVirtual().name("docker-pull").start(() -> run(key, name, limit, mine));
    }
    try {
      (other == null ? mine : other).get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw InvocationErrors.imagePullTimeout();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof EngineUnavailableException away) {
        throw away;
      }
      throw e.getCause() instanceof FnException known
          ? known
          : InvocationErrors.internal(e.getCause());
    }
  }

  /** Nothing is tried again from now on. */
  @Override
  public void close() {
    closing.countDown();
  }

  private void run(Key key, String name, Duration limit, CompletableFuture<Void> end) {
    try {
      pullAndRetry(key, limit);
      underWay.remove(key, end);
      end.complete(null);
    } catch (PullFailedException e) {
      fail(
          key,
          end,
          InvocationErrors.imagePullFailed(e.status() == 0 ? 502 : e.status(), name, e.text()));
    } catch (TimeoutException e) {
      fail(key, end, InvocationErrors.imagePullTimeout());
    } catch (EngineUnavailableException e) {
      fail(key, end, e);
    } catch (InterruptedException | RuntimeException | Error e) {
      fail(key, end, InvocationErrors.internal(e));
    }
  }

  private void fail(Key key, CompletableFuture<Void> end, Throwable failure) {
    underWay.remove(key, end);
    end.completeExceptionally(failure);
  }

  private void pullAndRetry(Key key, Duration limit)
      throws PullFailedException, TimeoutException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    for (int attempt = 1; ; attempt++) {
      try {
        engine.pull(key.image(), key.credentials(), Duration.ofNanos(deadline - System.nanoTime()));
        return;
      } catch (PullFailedException e) {
        Optional<String> reason = retry.reason().apply(e);
        if (attempt > retry.retries() || reason.isEmpty()) {
          throw e;
        }
        Duration delay = retry.delay(attempt, ThreadLocalRandom.current());
        if (System.nanoTime() + delay.toNanos() - deadline >= 0) {
          throw e;
        }
        meters.retried(EngineApi.PULL_IMAGE, reason.get());
        log.atInfo()
            .addKeyValue("reason", reason.get())
            .addKeyValue("attempt", attempt)
            .addKeyValue("delay", delay)
            .log("The pull of an image failed and is tried again");
        if (closing.await(delay.toNanos(), TimeUnit.NANOSECONDS)) {
          throw e;
        }
      }
    }
  }
}
