package dev.fncluster.runner.slot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.runner.resource.ResourceAmount;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EvictorTest {
  private static Evictor.Candidate<String> candidate(String name, String key, int created) {
    return new Evictor.Candidate<>(name, key, new ResourceAmount(1, 100), created);
  }

  private static List<String> choose(
      List<Evictor.Candidate<String>> from, long memory, long milliCpus) {
    return Evictor.choose(from, "foo", new ResourceAmount(memory, milliCpus));
  }

  @Test
  void stopsTheOldestOfOtherKindsUntilBothAreCovered() {
    List<Evictor.Candidate<String>> all =
        List.of(
            candidate("third", "slot1", 3),
            candidate("own", "foo", 0),
            candidate("first", "slot1", 1),
            candidate("second", "slot1", 2));
    assertThat(choose(all, 1, 100)).containsExactly("first");
    assertThat(choose(all, 1, 200)).containsExactly("first", "second");
    assertThat(choose(all, 3, 0)).containsExactly("first", "second", "third");
  }

  @Test
  void stopsNobodyInVain() {
    List<Evictor.Candidate<String>> two =
        List.of(candidate("a", "slot1", 1), candidate("b", "slot1", 2));
    assertThat(choose(two, 1, 300)).isEmpty();
    assertThat(choose(two, 0, 0)).isEmpty();
    assertThat(Evictor.choose(two, "slot1", new ResourceAmount(1, 0))).isEmpty();
    assertThat(
            choose(List.of(new Evictor.Candidate<>("free", "slot1", ResourceAmount.NONE, 0)), 1, 0))
        .isEmpty();
  }
}
