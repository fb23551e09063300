package dev.fncluster.runner.docker;

import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import dev.fncluster.runner.docker.engine.EngineUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what an earlier process left behind on an engine that may not be quite ready yet. Blocks;
 * used once.
 */
final class Leftovers {
  private static final Logger log = LoggerFactory.getLogger(Leftovers.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** What is asked of the engine. */
  interface Engine {
    /** The containers of this installation, whether they run or not. */
    List<Container> list() throws InterruptedException;

    /** Removes one; returns when it is gone. */
    void remove(Container container) throws InterruptedException;
  }

  private final Engine engine;
  private final Predicate<Container> isOwn;
  private final Duration pause;
  private final Duration limit;

  /**
   * Leftovers on {@code engine}.
   *
   * @param isOwn whether a container is of this process
   */
  Leftovers(Engine engine, Predicate<Container> isOwn) {
    this(engine, isOwn, PAUSE, LIMIT);
  }

  Leftovers(Engine engine, Predicate<Container> isOwn, Duration pause, Duration limit) {
    this.engine = engine;
    this.isOwn = isOwn;
    this.pause = pause;
    this.limit = limit;
  }

  /**
   * Removes them all. One that the engine refuses to remove stays.
   *
   * @throws IOException when the engine was not ready for a minute
   */
  void remove() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    CountDownLatch never = new CountDownLatch(1);
    for (boolean told = false; ; told = true) {
      try {
        removeOnce();
        return;
      } catch (EngineUnavailableException | DockerException e) {
        if (System.nanoTime() + pause.toNanos() - deadline >= 0) {
          throw new IOException(
              "it does not say which containers an earlier runner left behind: " + e.getMessage(),
              e);
        }
        if (!told) {
          log.atWarn()
              .addKeyValue("reason", e.getMessage())
              .log("The Docker engine is not ready yet; it is asked again for a while");
        }
      }
      never.await(pause.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void removeOnce() throws InterruptedException {
    for (Container each : engine.list()) {
      if (isOwn.test(each)) {
        continue;
      }
      try {
        engine.remove(each);
        log.atInfo()
            .addKeyValue("container_id", each.getId())
            .log("Removed a container that an earlier runner left behind");
      } catch (NotFoundException e) {
        log.atDebug().addKeyValue("container_id", each.getId()).log("It has gone by itself");
      } catch (DockerException e) {
        log.atWarn()
            .addKeyValue("container_id", each.getId())
            .setCause(e)
            .log("A container that an earlier runner left behind can't be removed");
      }
    }
  }
}
