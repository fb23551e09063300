package dev.fncluster.runner.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Container;
import dev.fncluster.runner.docker.engine.EngineUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LeftoversTest {
  private final Container first = container("first");
  private final Container second = container("second");
  private final Container own = container("own");
  private final List<Container> there = new ArrayList<>(List.of(first, own, second));
  private final Deque<RuntimeException> failures = new ArrayDeque<>();
  private int lists;

  private final Leftovers.Engine engine =
      new Leftovers.Engine() {
        @Override
        public List<Container> list() {
          lists++;
          fail();
          return List.copyOf(there);
        }

        @Override
        public void remove(Container container) {
          fail();
          there.remove(container);
        }

        private void fail() {
          RuntimeException failure = failures.poll();
          if (failure != null) {
            throw failure;
          }
        }
      };

  private static Container container(String id) {
    try {
      return new ObjectMapper().readValue("{\"Id\":\"" + id + "\"}", Container.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void remove(Duration limit) throws Exception {
    new Leftovers(engine, each -> each == own, Duration.ofMillis(5), limit).remove();
  }

  private static EngineUnavailableException away() {
    return new EngineUnavailableException("away", new IOException("refused"));
  }

  @Test
  void asksAgainUntilTheEngineIsReady() throws Exception {
    failures.add(new DockerException("starting", 500));
    failures.add(away());
    remove(Duration.ofMinutes(1));
    assertThat(lists).isEqualTo(3);
    assertThat(there).containsExactly(own);
  }

  @Test
  void goesOnWhenTheEngineLeavesAmidTheWork() throws Exception {
    there.clear();
    there.addAll(List.of(first, second, own));
    // Listed, and away at the first removal.
    Deque<RuntimeException> late = new ArrayDeque<>(List.of(away()));
    Leftovers.Engine leaving =
        new Leftovers.Engine() {
          @Override
          public List<Container> list() throws InterruptedException {
            return engine.list();
          }

          @Override
          public void remove(Container container) throws InterruptedException {
            RuntimeException failure = late.poll();
            if (failure != null) {
              throw failure;
            }
            engine.remove(container);
          }
        };
    new Leftovers(leaving, each -> each == own, Duration.ofMillis(5), Duration.ofMinutes(1))
        .remove();
    assertThat(lists).isEqualTo(2);
    assertThat(there).containsExactly(own);
  }

  @Test
  void leavesWhatCannotBeRemoved() throws Exception {
    Leftovers.Engine refusing =
        new Leftovers.Engine() {
          @Override
          public List<Container> list() throws InterruptedException {
            return engine.list();
          }

          @Override
          public void remove(Container container) throws InterruptedException {
            if (container == first) {
              throw new ConflictException("device or resource busy");
            }
            engine.remove(container);
          }
        };
    new Leftovers(refusing, each -> each == own, Duration.ofMillis(5), Duration.ofMinutes(1))
        .remove();
    assertThat(lists).isEqualTo(1);
    assertThat(there).containsExactly(first, own);
  }

  @Test
  void givesUpAfterAWhile() {
    for (int i = 0; i < 1000; i++) {
      failures.add(away());
    }
    assertThatThrownBy(() -> remove(Duration.ofMillis(50)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("away");
    assertThat(lists).isBetween(1, 11);
  }
}
