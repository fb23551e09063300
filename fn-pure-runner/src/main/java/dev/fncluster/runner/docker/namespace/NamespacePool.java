package dev.fncluster.runner.docker.namespace;

import com.github.dockerjava.api.exception.DockerException;
import dev.fncluster.runner.docker.engine.EngineUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A fixed number of containers that do nothing but hold a network namespace, for functions'
 * containers to join: making one is most of what the start of a container takes.
 *
 * <p>Nobody waits for one: who finds none makes do without. They are made one after the other by a
 * virtual thread, so that they don't take the engine's time from the starts that calls wait for.
 * Thread-safe.
 */
public final class NamespacePool implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NamespacePool.class);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(20);

  /** Makes the containers that hold namespaces. Blocks; thread-safe. */
  public interface Engine {
    /**
     * Makes and starts a container.
     *
     * @param onEnd to be told, at most once and on a thread that may block, when it has ended
     */
    void make(String name, Runnable onEnd) throws InterruptedException;

    /** Removes the container of that name; returns when it is gone, also if there was none. */
    void remove(String name) throws InterruptedException;
  }

  /** A namespace that one container may join, until it is closed. Idempotent. */
  public interface Lease extends AutoCloseable {
    /** The name of the container whose namespace it is. */
    String container();

    /** Closes it; the namespace turned out to be of no use, and is not given to anybody again. */
    void lost();

    /** Has {@code action} run if the namespace goes before this is closed. */
    void onLoss(Runnable action);

    @Override
    void close();
  }

  private static final class Member {
    final int index;
    // The last container that was tried to be made for it.
    @Nullable String name;
    // It runs, as far as is known.
    boolean alive;
    // It is not to be given to anybody again.
    boolean stale;
    @Nullable Held lease;

    Member(int index) {
      this.index = index;
    }
  }

  private final Engine engine;
  private final boolean useOnce;
  private final Supplier<String> ids;
  private final Duration pause;
  private final List<Member> members = new ArrayList<>();
  private final Deque<Member> ready = new ArrayDeque<>();
  private final Deque<Member> wanted = new ArrayDeque<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread filler;
  private boolean closed;

  private NamespacePool(
      Engine engine, int size, boolean useOnce, Supplier<String> ids, Duration pause) {
    this.engine = engine;
    this.useOnce = useOnce;
    this.ids = ids;
    this.pause = pause;
    for (int i = 0; i < size; i++) {
      members.add(new Member(i));
    }
    wanted.addAll(members);
    filler = Thread.ofVirtual().name("docker-namespaces").unstarted(this::fill);
  }

  /**
   * A pool that begins to be filled at once.
   *
   * @param useOnce whether a namespace is replaced when it comes back
   */
  public static NamespacePool of(Engine engine, int size, boolean useOnce) {
    return of(engine, size, useOnce, NamespacePool::randomId, PAUSE);
  }

  static NamespacePool of(
      Engine engine, int size, boolean useOnce, Supplier<String> ids, Duration pause) {
    NamespacePool pool = new NamespacePool(engine, size, useOnce, ids, pause);
    if (size > 0) {
      pool.filler.start();
    }
    return pool;
  }

  /** A pool in which there is never a namespace. */
  public static NamespacePool none() {
    Engine nothing =
        new Engine() {
          @Override
          public void make(String name, Runnable onEnd) {}

          @Override
          public void remove(String name) {}
        };
    return of(nothing, 0, false);
  }

  private static String randomId() {
    return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }

  /** The namespace that came back last; empty when none is ready. Never waits. */
  public synchronized Optional<Lease> take() {
    Member member = ready.pollLast();
    if (member == null || member.name == null) {
      return Optional.empty();
    }
    Held lease = new Held(member, member.name);
    member.lease = lease;
    return Optional.of(lease);
  }

  /** How many are ready. */
  public synchronized int ready() {
    return ready.size();
  }

  /**
   * The engine was restarted: what it knows of the namespaces' networks is not to be relied upon.
   */
  public synchronized void renew() {
    for (Member member : members) {
      if (member.alive) {
        member.stale = true;
        if (ready.remove(member)) {
          want(member);
        }
      }
    }
  }

  private void want(Member member) {
    if (!wanted.contains(member)) {
      wanted.add(member);
      notifyAll();
    }
  }

  private void fill() {
    Duration wait = pause;
    String told = "";
    try {
      for (Member member = next(); member != null; member = next()) {
        try {
          replace(member);
          wait = pause;
          told = "";
        } catch (RuntimeException e) {
          // Whatever it is: nobody else would ever fill the pool.
          boolean expected =
              e instanceof DockerException || e instanceof EngineUnavailableException;
          String reason = String.valueOf(e.getMessage());
          if (!reason.equals(told)) {
            told = reason;
            log.atWarn()
                .addKeyValue("reason", reason)
                .setCause(expected ? null : e)
                .log("A network namespace can't be made ready; containers start without, slower");
          }
          tryAgain(member);
          wait = shorter(wait.multipliedBy(2), LONGEST_PAUSE);
        }
        if (closing.await(wait.toNanos(), TimeUnit.NANOSECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized @Nullable Member next() throws InterruptedException {
    while (wanted.isEmpty() && !closed) {
      wait();
    }
    return closed ? null : wanted.poll();
  }

  private synchronized void tryAgain(Member member) {
    wanted.addFirst(member);
  }

  private void replace(Member member) throws InterruptedException {
    String old;
    String name = member.index + "_prefork_" + ids.get();
    synchronized (this) {
      old = member.name;
      member.alive = false;
    }
    if (old != null) {
      engine.remove(old);
    }
    synchronized (this) {
      member.name = name;
      member.alive = true;
      member.stale = false;
    }
    engine.make(name, () -> ended(member, name));
    synchronized (this) {
      if (member.alive) {
        ready.addLast(member);
      } else {
        want(member); // It ended at once.
      }
    }
  }

  private void ended(Member member, String name) {
    Held lease;
    synchronized (this) {
      if (closed || !member.alive || !name.equals(member.name)) {
        return;
      }
      member.alive = false;
      lease = member.lease;
      // If it is not ready, whoever makes or uses it now sees to it that it is replaced.
      if (ready.remove(member)) {
        want(member);
      }
    }
    log.atWarn().addKeyValue("container", name).log("A network namespace has gone");
    if (lease != null) {
      lease.tellLoss();
    }
  }

  private synchronized void giveBack(Member member, Held lease) {
    if (member.lease != lease) {
      return;
    }
    member.lease = null;
    if (useOnce || member.stale || !member.alive) {
      want(member);
    } else {
      ready.addLast(member);
    }
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /** Removes the containers; takes at most 20 s, and leaves behind what is not gone by then. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      ready.clear();
      notifyAll();
    }
    closing.countDown();
    List<Thread> working = new ArrayList<>(List.of(filler));
    try {
      join(filler, System.nanoTime() + CLOSE_LIMIT.toNanos() / 2);
      long deadline = System.nanoTime() + CLOSE_LIMIT.toNanos() / 2;
      for (Member member : members) {
        String name = member.name;
        if (name != null) {
          working.add(Thread.ofVirtual().name("docker-namespace").start(() -> remove(name)));
        }
      }
      for (Thread each : working) {
        join(each, deadline);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    working.forEach(Thread::interrupt);
  }

  private static void join(Thread thread, long deadline) throws InterruptedException {
    if (thread.isAlive()) {
      thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
    }
  }

  private void remove(String name) {
    try {
      engine.remove(name);
    } catch (DockerException | EngineUnavailableException e) {
      log.atWarn()
          .addKeyValue("container", name)
          .addKeyValue("reason", e.getMessage())
          .log("A network namespace's container is left behind");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Held implements Lease {
    private final Member member;
    private final String container;
    private @Nullable Runnable onLoss;
    private boolean gone;

    Held(Member member, String container) {
      this.member = member;
      this.container = container;
    }

    @Override
    public String container() {
      return container;
    }

    @Override
    public void lost() {
      synchronized (NamespacePool.this) {
        if (member.lease == this) {
          member.stale = true;
        }
      }
      close();
    }

    @Override
    public void onLoss(Runnable action) {
      synchronized (NamespacePool.this) {
        if (!gone) {
          onLoss = action;
          return;
        }
      }
      action.run();
    }

    void tellLoss() {
      Runnable action;
      synchronized (NamespacePool.this) {
        gone = true;
        action = onLoss;
      }
      if (action != null) {
        action.run();
      }
    }

    @Override
    public void close() {
      giveBack(member, this);
    }
  }
}
