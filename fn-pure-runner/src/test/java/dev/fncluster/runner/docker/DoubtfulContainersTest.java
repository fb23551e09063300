package dev.fncluster.runner.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.runner.docker.engine.EngineUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class DoubtfulContainersTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final List<String> removed = new CopyOnWriteArrayList<>();
  private final AtomicBoolean away = new AtomicBoolean(true);
  private final AtomicInteger attempts = new AtomicInteger();
  private final AtomicBoolean odd = new AtomicBoolean();

  private void remove(String name) {
    attempts.incrementAndGet();
    if (odd.getAndSet(false)) {
      throw new IllegalStateException("an answer that nobody understands");
    }
    if (away.get()) {
      throw new EngineUnavailableException("away", new IOException("refused"));
    }
    removed.add(name);
  }

  @Test
  void whatMayBeThereIsRemovedOnceTheEngineIsBack() {
    try (DoubtfulContainers doubts = new DoubtfulContainers(this::remove, Duration.ofMillis(2))) {
      doubts.add("one");
      doubts.add("two");
      await().atMost(LIMIT).until(() -> attempts.get() > 2);
      assertThat(removed).isEmpty();
      away.set(false);
      await().atMost(LIMIT).until(() -> removed.size() == 2);
      assertThat(removed).containsExactlyInAnyOrder("one", "two");
      doubts.add("three");
      await().atMost(LIMIT).until(() -> removed.contains("three"));
    }
  }

  @Test
  void whatNobodyExpectedDoesNotEndTheAttempts() {
    away.set(false);
    odd.set(true);
    try (DoubtfulContainers doubts = new DoubtfulContainers(this::remove, Duration.ofMillis(2))) {
      doubts.add("one");
      await().atMost(LIMIT).until(() -> removed.contains("one"));
    }
  }
}
