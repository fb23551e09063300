package dev.fncluster.runner.docker.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.exception.InternalServerErrorException;
import dev.fncluster.runner.docker.engine.EngineUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class NamespacePoolTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final Duration AT_ONCE = Duration.ofMillis(1);

  private final FakeEngine engine = new FakeEngine();
  private final AtomicInteger ids = new AtomicInteger();
  private final List<NamespacePool> pools = new ArrayList<>();

  private static final class FakeEngine implements NamespacePool.Engine {
    final Map<String, Runnable> alive = new ConcurrentHashMap<>();
    final List<String> made = new CopyOnWriteArrayList<>();
    volatile int failures;
    volatile boolean endsAtOnce;

    @Override
    public void make(String name, Runnable onEnd) {
      made.add(name);
      if (failures > 0) {
        failures--;
        throw switch (failures % 3) {
          case 0 -> new InternalServerErrorException("no room");
          case 1 -> new EngineUnavailableException("away", new IllegalStateException());
          default -> new IllegalStateException("an answer that nobody understands");
        };
      }
      alive.put(name, onEnd);
      if (endsAtOnce) {
        end(name);
      }
    }

    @Override
    public void remove(String name) {
      alive.remove(name);
    }

    void end(String name) {
      Runnable listener = alive.remove(name);
      if (listener != null) {
        listener.run();
      }
    }
  }

  private NamespacePool pool(int size, boolean useOnce) {
    NamespacePool pool =
        NamespacePool.of(engine, size, useOnce, () -> "id" + ids.incrementAndGet(), AT_ONCE);
    pools.add(pool);
    return pool;
  }

  private static NamespacePool.Lease take(NamespacePool pool) {
    return pool.take().orElseThrow();
  }

  private static void awaitReady(NamespacePool pool, int expected) {
    await().atMost(BOUND).until(() -> pool.ready() == expected);
  }

  @AfterEach
  void leavesNothing() {
    pools.forEach(NamespacePool::close);
    assertThat(engine.alive).isEmpty();
  }

  @Test
  void givesWhatItHasAndTheLastThatCameBackFirst() {
    NamespacePool pool = pool(2, false);
    awaitReady(pool, 2);
    assertThat(engine.made).containsExactly("0_prefork_id1", "1_prefork_id2");
    NamespacePool.Lease first = take(pool);
    NamespacePool.Lease second = take(pool);
    assertThat(pool.take()).isEmpty();
    first.close();
    first.close();
    assertThat(pool.ready()).isEqualTo(1);
    NamespacePool.Lease again = take(pool);
    assertThat(again.container()).isEqualTo(first.container());
    first.close(); // It is somebody else's now.
    assertThat(pool.ready()).isZero();
    second.close();
    assertThat(engine.made).hasSize(2);
  }

  @Test
  void aPoolOfNoneHasNothing() {
    assertThat(NamespacePool.none().take()).isEmpty();
    NamespacePool pool = pool(0, false);
    assertThat(pool.take()).isEmpty();
  }

  @Test
  void replacesWhatWasUsedOnce() {
    NamespacePool pool = pool(1, true);
    awaitReady(pool, 1);
    NamespacePool.Lease lease = take(pool);
    String used = lease.container();
    lease.close();
    awaitReady(pool, 1);
    assertThat(engine.alive).doesNotContainKey(used);
    assertThat(take(pool).container()).isNotEqualTo(used);
  }

  @Test
  void replacesWhatIsGone() {
    NamespacePool pool = pool(2, false);
    awaitReady(pool, 2);
    NamespacePool.Lease used = take(pool);
    List<String> told = new CopyOnWriteArrayList<>();
    used.onLoss(() -> told.add("lost"));
    // One that nobody uses, and one that somebody does.
    String idle =
        engine.alive.keySet().stream()
            .filter(name -> !name.equals(used.container()))
            .findFirst()
            .orElseThrow();
    engine.end(idle);
    awaitReady(pool, 1);
    engine.end(used.container());
    assertThat(told).containsExactly("lost");
    used.onLoss(() -> told.add("late"));
    assertThat(told).containsExactly("lost", "late");
    assertThat(pool.ready()).isEqualTo(1);
    used.close();
    awaitReady(pool, 2);
    assertThat(engine.made).hasSize(4);
  }

  @Test
  void replacesWhatTurnedOutToBeOfNoUse() {
    NamespacePool pool = pool(1, false);
    awaitReady(pool, 1);
    NamespacePool.Lease lease = take(pool);
    lease.lost();
    awaitReady(pool, 1);
    assertThat(take(pool).container()).isNotEqualTo(lease.container());
  }

  @Test
  void replacesAllWhenTheEngineWasRestarted() {
    NamespacePool pool = pool(2, false);
    awaitReady(pool, 2);
    NamespacePool.Lease used = take(pool);
    pool.renew();
    await().atMost(BOUND).until(() -> pool.ready() == 1 && engine.made.size() == 3);
    used.close();
    await().atMost(BOUND).until(() -> pool.ready() == 2 && engine.made.size() == 4);
    assertThat(engine.alive).doesNotContainKeys("0_prefork_id1", "1_prefork_id2").hasSize(2);
  }

  @Test
  void goesOnTryingWhatFails() {
    engine.failures = 5;
    NamespacePool pool = pool(2, false);
    assertThat(pool.take()).isEmpty();
    awaitReady(pool, 2);
    assertThat(engine.made).hasSize(7);
    assertThat(engine.alive).hasSize(2);
  }

  @Test
  void survivesACommandThatEndsAtOnce() {
    engine.endsAtOnce = true;
    NamespacePool pool = pool(2, false);
    await().atMost(BOUND).until(() -> engine.made.size() > 5);
    engine.endsAtOnce = false;
    awaitReady(pool, 2);
  }

  @Test
  void whatComesBackAfterTheCloseIsNotReplaced() {
    NamespacePool pool = pool(1, true);
    awaitReady(pool, 1);
    NamespacePool.Lease lease = take(pool);
    pool.close();
    lease.close();
    assertThat(pool.take()).isEmpty();
    assertThat(engine.made).hasSize(1);
  }
}
