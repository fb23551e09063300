package dev.fncluster.runner.slot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.runner.slot.LaunchPolicy.Decision;
import dev.fncluster.runner.slot.LaunchPolicy.Situation;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LaunchPolicyTest {
  private static final long MILLI = 1_000_000;
  private static final long START = 700 * MILLI;
  private static final long SET_UP = START / 4;

  private final LaunchPolicy policy = new LaunchPolicy(true);

  private static Situation of(
      int queued, int idle, int starting, long executionNanos, long... busyNanos) {
    return new Situation(
        queued, idle, starting, busyNanos, executionNanos, START, starting, 2, true, false);
  }

  private static Situation without(Situation s, boolean room, boolean roomSoon) {
    return new Situation(
        s.queued(),
        s.idle(),
        s.starting(),
        s.busyNanos(),
        s.executionNanos(),
        s.startNanos(),
        s.nodeStarts(),
        s.nodeStartLimit(),
        room,
        roomSoon);
  }

  @Test
  void launchesTheFirstContainer() {
    assertThat(policy.decide(of(1, 0, 0, 0))).isEqualTo(Decision.LAUNCH);
  }

  @Test
  void launchesNothingForNobody() {
    assertThat(policy.decide(of(0, 0, 0, 0))).isEqualTo(Decision.WAIT);
    assertThat(policy.decide(of(0, 0, 0, MILLI, 5 * MILLI))).isEqualTo(Decision.WAIT);
  }

  @Test
  void waitsForTheContainerThatIsBeingStarted() {
    assertThat(policy.decide(of(1, 0, 1, 0))).isEqualTo(Decision.WAIT);
  }

  /** Nothing is known of how long calls take yet, and they are taken to be short. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, WAIT",
    "1, 0, 10, WAIT",
    "10, 0, 1, LAUNCH",
    "10, 11, 0, WAIT",
    "10, 5, 0, WAIT",
    "1, 0, 0, LAUNCH",
  })
  void decidesByWhatIsThere(int queued, int idle, int starting, Decision decision) {
    Situation situation =
        new Situation(
            queued,
            idle,
            starting,
            new long[0],
            0,
            700 * MILLI,
            starting,
            Integer.MAX_VALUE,
            true,
            false);
    assertThat(policy.decide(situation)).isEqualTo(decision);
  }

  @Test
  void waitsForTurnsWhenCallsAreShort() {
    // 100 calls of 100 µs are through long before a container could start.
    assertThat(policy.decide(of(100, 0, 0, 100_000, 50_000))).isEqualTo(Decision.WAIT);
  }

  @Test
  void launchesWhenTheQueueTakesLongerThanAStart() {
    long[] four = new long[4];
    Arrays.fill(four, 10 * MILLI);
    assertThat(policy.decide(of(20, 0, 0, 100 * MILLI, four))).isEqualTo(Decision.WAIT);
    assertThat(policy.decide(of(40, 0, 0, 100 * MILLI, four))).isEqualTo(Decision.LAUNCH);
  }

  @Test
  void countsHowLongRunningCallsHaveTaken() {
    // Nothing has ended yet, but what runs does so for ten seconds.
    assertThat(policy.decide(of(1, 0, 0, 0, 10_000 * MILLI))).isEqualTo(Decision.LAUNCH);
    // One that hangs does not hide that the other is quick.
    assertThat(policy.decide(of(1, 0, 0, MILLI, 10_000 * MILLI, MILLI))).isEqualTo(Decision.WAIT);
  }

  @Test
  void startsAHandfulForManyFirstCalls() {
    Situation one = new Situation(20, 0, 1, new long[0], 0, START, 1, 100, true, false);
    assertThat(policy.decide(one)).isEqualTo(Decision.LAUNCH);
    Situation three = new Situation(20, 0, 3, new long[0], 0, START, 3, 100, true, false);
    assertThat(policy.decide(three)).isEqualTo(Decision.WAIT);
  }

  /** Of what the node starts at once, the other half is for functions that are known. */
  @ParameterizedTest
  @CsvSource({"1, 2, WAIT", "1, 3, WAIT", "1, 4, LAUNCH", "2, 4, WAIT", "2, 8, LAUNCH"})
  void startsNoMoreThanHalfForAFunctionOfWhichNothingIsKnown(
      int starting, int limit, Decision decision) {
    Situation unknown =
        new Situation(200, 0, starting, new long[0], 0, START, starting, limit, true, false);
    assertThat(policy.decide(unknown)).isEqualTo(decision);
    Situation slow =
        new Situation(200, 0, starting, new long[0], START, START, starting, limit, true, false);
    assertThat(policy.decide(slow)).isEqualTo(starting < limit ? Decision.LAUNCH : Decision.WAIT);
  }

  @Test
  void letsTheFirstCallTellHowLongCallsTake() {
    assertThat(policy.decide(of(200, 0, 0, 0, SET_UP))).isEqualTo(Decision.WAIT);
    assertThat(policy.decide(of(200, 0, 1, 0, SET_UP))).isEqualTo(Decision.WAIT);
    assertThat(policy.decide(of(200, 0, 0, 0, SET_UP + 1))).isEqualTo(Decision.LAUNCH);
    assertThat(policy.decide(without(of(200, 0, 0, 0, SET_UP), false, false)))
        .isEqualTo(Decision.WAIT);
    assertThat(policy.decide(without(of(200, 0, 0, 0, SET_UP + 1), false, false)))
        .isEqualTo(Decision.REFUSE);
  }

  @Test
  void refusesWhenThereIsNoRoomAndTheWaitIsLong() {
    Situation full = without(of(1, 0, 0, 0, 10_000 * MILLI), false, false);
    assertThat(policy.decide(full)).isEqualTo(Decision.REFUSE);
    assertThat(new LaunchPolicy(false).decide(full)).isEqualTo(Decision.WAIT);
    assertThat(policy.decide(without(full, false, true))).isEqualTo(Decision.WAIT);
    Situation shortCalls = without(of(3, 0, 0, MILLI, MILLI), false, false);
    assertThat(policy.decide(shortCalls)).isEqualTo(Decision.WAIT);
    assertThat(policy.decide(without(of(1, 0, 0, 0), false, false))).isEqualTo(Decision.REFUSE);
  }

  @Test
  void oneSlowCallDoesNotMakeTheWholeQueueLookSlow() {
    assertThat(policy.decide(of(31, 0, 0, MILLI, 30 * MILLI))).isEqualTo(Decision.WAIT);
    assertThat(LaunchPolicy.expectedWaitNanos(of(31, 0, 0, MILLI, 30 * MILLI)))
        .isEqualTo(60.0 * MILLI);
    // One is busy for a second more, the other takes all ten meanwhile.
    assertThat(LaunchPolicy.expectedWaitNanos(of(10, 0, 0, MILLI, 1000 * MILLI, 0)))
        .isEqualTo(10.0 * MILLI);
  }
}
