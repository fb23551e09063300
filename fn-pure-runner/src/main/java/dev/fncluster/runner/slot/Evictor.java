package dev.fncluster.runner.slot;

import dev.fncluster.runner.resource.ResourceAmount;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Chooses the free containers that make room for one of another kind. A pure function. */
public final class Evictor {
  /**
   * A container that could be stopped.
   *
   * @param key its slot key
   * @param amount what it has reserved
   * @param createdNanos when it was made
   * @param <T> the kind of container
   */
  public record Candidate<T>(T container, String key, ResourceAmount amount, long createdNanos) {}

  private Evictor() {}

  /**
   * The oldest containers that together cover {@code deficit}; none when all of them would not.
   *
   * @param key the slot key of the one that needs room: its own kind is not stopped for it
   */
  public static <T> List<T> choose(
      List<Candidate<T>> candidates, String key, ResourceAmount deficit) {
    if (deficit.isNone()) {
      return List.of();
    }
    List<Candidate<T>> oldestFirst = new ArrayList<>(candidates);
    oldestFirst.sort(Comparator.comparingLong(Candidate::createdNanos));
    List<T> chosen = new ArrayList<>();
    ResourceAmount sum = ResourceAmount.NONE;
    for (Candidate<T> each : oldestFirst) {
      if (each.key().equals(key) || each.amount().isNone()) {
        continue;
      }
      chosen.add(each.container());
      sum = sum.plus(each.amount());
      if (deficit.fitsInto(sum)) {
        return chosen;
      }
    }
    return List.of();
  }
}
