package dev.fncluster.runner.docker.stats;

import dev.fncluster.runner.docker.engine.DockerEngine;
import dev.fncluster.runner.docker.engine.EngineApi;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.stats.ViewRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the engine in turn what each container uses: a few requests at a time, each with a bound,
 * whatever the number of containers. Those that are frozen use nothing more: one that was frozen
 * since its last sample has another one taken, and is then left out until it is thawed. So a
 * function of which nothing but short calls is seen has samples too. A container about which the
 * engine does not answer in time is left out for a while.
 *
 * <p>Thread-safe.
 */
public final class StatsSampler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StatsSampler.class);
  private static final int AT_ONCE = 4;
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration LEFT_OUT = Duration.ofMinutes(1);

  /** One container that is sampled until it is closed. */
  public final class Watched implements AutoCloseable {
    private final String id;
    private final SampleMeters.OfKind meters;
    private volatile boolean frozen;
    // Whether it may have used something that no sample tells of.
    private volatile boolean used = true;
    // Confined to the round that samples it, one after the other.
    private @Nullable ContainerSample last;
    private long leftOutUntilNanos = System.nanoTime();

    private Watched(String id, SampleMeters.OfKind meters) {
      this.id = id;
      this.meters = meters;
    }

    /** It has been frozen, or thawed. */
    public void frozen(boolean value) {
      frozen = value;
      used = true;
    }

    @Override
    public void close() {
      watched.remove(id);
    }
  }

  private final DockerEngine engine;
  private final Duration interval;
  private final Map<String, Watched> watched = new ConcurrentHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private final SampleMeters meters;

  /**
   * Begins to sample.
   *
   * @param interval from the begin of one round to that of the next; 0 for never
   * @param registry where {@link StatsViews#all()} are registered
   */
  public StatsSampler(DockerEngine engine, Duration interval, ViewRegistry registry) {
    this.engine = engine;
    this.interval = interval;
    meters = new SampleMeters(registry);
    thread = Thread.ofVirtual().name("docker-stats").unstarted(this::run);
    if (!interval.isZero() && !interval.isNegative()) {
      thread.start();
    }
  }

  /**
   * Samples the container that the engine knows as {@code id} and that was made of {@code spec}.
   */
  public Watched watch(String id, ContainerSpec spec) {
    Watched added = new Watched(id, meters.of(spec));
    watched.put(id, added);
    return added;
  }

  @Override
  public void close() {
    closing.countDown();
    thread.interrupt();
  }

  private void run() {
    try {
      long began = System.nanoTime();
      while (!closing.await(
          interval.toNanos() - (System.nanoTime() - began), TimeUnit.NANOSECONDS)) {
        began = System.nanoTime();
        sampleAll();
      }
    } catch (InterruptedException e) {
      log.debug("The sampling of containers stops");
    }
  }

  private void sampleAll() throws InterruptedException {
    long now = System.nanoTime();
    Queue<Watched> due = new ConcurrentLinkedQueue<>();
    for (Watched each : watched.values()) {
      if ((!each.frozen || each.used) && now - each.leftOutUntilNanos >= 0) {
        due.add(each);
      }
    }
    List<Thread> workers = new ArrayList<>();
    for (int i = Math.min(AT_ONCE, due.size()); i > 0; i--) {
      workers.add(Thread.ofVirtual().name("docker-stats").start(() -> sampleEach(due)));
    }
    try {
      for (Thread each : workers) {
        each.join();
      }
    } finally {
      workers.forEach(Thread::interrupt);
    }
  }

  private void sampleEach(Queue<Watched> due) {
    try {
      for (Watched each = due.poll(); each != null; each = due.poll()) {
        sample(each);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void sample(Watched container) throws InterruptedException {
    // Before it is looked at: what is used from now on is for the next one.
    container.used = false;
    try {
      engine
          .read(
              EngineApi.STATS,
              LIMIT,
              "/containers/" + container.id + "/stats?stream=false&one-shot=true")
          .flatMap(ContainerSample::read)
          .ifPresent(sample -> record(container, sample));
    } catch (IOException | RuntimeException e) {
      container.leftOutUntilNanos = System.nanoTime() + LEFT_OUT.toNanos();
      // It ended meanwhile, or the engine is away; others notice that and say so.
      log.atDebug()
          .addKeyValue("container_id", container.id)
          .setCause(e)
          .log("A container could not be sampled");
    }
  }

  private static void record(Watched container, ContainerSample sample) {
    container.meters.record(sample, container.last);
    container.last = sample;
  }
}
