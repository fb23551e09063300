package dev.fncluster.runner.container;

import static dev.fncluster.runner.container.ContainerState.BUSY;
import static dev.fncluster.runner.container.ContainerState.DONE;
import static dev.fncluster.runner.container.ContainerState.IDLE;
import static dev.fncluster.runner.container.ContainerState.PAUSED;
import static dev.fncluster.runner.container.ContainerState.START;
import static dev.fncluster.runner.container.ContainerState.WAIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ContainerLifecycleTest {
  private final List<String> moves = new ArrayList<>();
  private long now = 100;

  private ContainerLifecycle lifecycle() {
    return new ContainerLifecycle(
        () -> now,
        new ContainerLifecycle.Observer() {
          @Override
          public void entered(ContainerState first) {
            moves.add("-> " + first);
          }

          @Override
          public void moved(ContainerState from, ContainerState to, long nanos) {
            moves.add(from + " -> " + to + " after " + nanos);
          }
        });
  }

  @Test
  void allowsExactlyTheseMoves() {
    Map<ContainerState, Set<ContainerState>> allowed =
        Map.of(
            WAIT, EnumSet.of(START, DONE),
            START, EnumSet.of(IDLE, DONE),
            IDLE, EnumSet.of(BUSY, PAUSED, DONE),
            PAUSED, EnumSet.of(IDLE, BUSY, DONE),
            BUSY, EnumSet.of(IDLE, DONE),
            DONE, EnumSet.noneOf(ContainerState.class));
    for (ContainerState from : ContainerState.values()) {
      for (ContainerState to : ContainerState.values()) {
        assertThat(from.mayBecome(to))
            .as(from + " to " + to)
            .isEqualTo(allowed.getOrDefault(from, Set.of()).contains(to));
      }
    }
  }

  @Test
  void reportsHowLongEachStateLasted() {
    ContainerLifecycle lifecycle = lifecycle();
    now = 103;
    assertThat(lifecycle.moveTo(START)).isEqualTo(WAIT);
    now = 110;
    assertThat(lifecycle.moveTo(IDLE)).isEqualTo(START);
    assertThat(lifecycle.moveTo(BUSY)).isEqualTo(IDLE);
    assertThat(lifecycle.moveTo(DONE)).isEqualTo(BUSY);
    assertThat(moves)
        .containsExactly(
            "-> WAIT",
            "WAIT -> START after 3",
            "START -> IDLE after 7",
            "IDLE -> BUSY after 0",
            "BUSY -> DONE after 0");
  }

  @Test
  void neverReportsANegativeStay() {
    ContainerLifecycle lifecycle = lifecycle();
    now = 110;
    lifecycle.moveTo(START);
    // Whoever moves it on has looked at the clock before.
    lifecycle.moveTo(IDLE, 109);
    assertThat(moves).containsExactly("-> WAIT", "WAIT -> START after 10", "START -> IDLE after 0");
  }

  @Test
  void staysDone() {
    ContainerLifecycle lifecycle = lifecycle();
    lifecycle.moveTo(DONE);
    assertThat(lifecycle.moveTo(IDLE)).isEqualTo(DONE);
    assertThat(lifecycle.moveTo(DONE)).isEqualTo(DONE);
    assertThat(lifecycle.state()).isEqualTo(DONE);
  }

  @Test
  void movesFromWhereItShouldBeOrNotAtAll() {
    ContainerLifecycle lifecycle = lifecycle();
    lifecycle.moveTo(START);
    lifecycle.moveTo(IDLE);
    assertThat(lifecycle.move(IDLE, PAUSED)).isTrue();
    assertThat(lifecycle.move(IDLE, PAUSED)).isFalse();
    assertThat(lifecycle.moveTo(BUSY)).isEqualTo(PAUSED);
    assertThat(lifecycle.move(IDLE, PAUSED)).isFalse();
    assertThat(lifecycle.state()).isEqualTo(BUSY);
  }

  @Test
  void refusesShortCuts() {
    ContainerLifecycle lifecycle = lifecycle();
    assertThatThrownBy(() -> lifecycle.moveTo(BUSY))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("container can't go from WAIT to BUSY");
  }
}
