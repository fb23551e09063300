package dev.fncluster.runner.docker.image;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * The images that the engine did not remove, and when each is to be tried again: after {@link
 * #FIRST}, then twice that, and so on up to {@link #LONGEST}. Confined to one thread.
 */
final class Refusals {
  static final Duration FIRST = Duration.ofSeconds(10);
  static final Duration LONGEST = Duration.ofMinutes(10);

  private record Refusal(int times, long dueNanos) {}

  private final LongSupplier nanoClock;
  private final Map<String, Refusal> byImage = new HashMap<>();

  Refusals(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** The image could not be removed; returns for the how manieth time. */
  int add(String image) {
    Refusal before = byImage.get(image);
    int times = before == null ? 1 : before.times() + 1;
    byImage.put(image, new Refusal(times, nanoClock.getAsLong() + pause(times).toNanos()));
    return times;
  }

  static Duration pause(int times) {
    Duration pause = FIRST.multipliedBy(1L << Math.min(times - 1, 10));
    return pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
  }

  /** Whether the image may be tried: it was not refused, or long enough ago. */
  boolean isDue(String image) {
    Refusal refusal = byImage.get(image);
    return refusal == null || nanoClock.getAsLong() - refusal.dueNanos() >= 0;
  }

  /** How many images are waiting for another try. */
  int size() {
    return byImage.size();
  }

  /** Forgets those that {@code wanted} does not let pass. */
  void retain(Predicate<String> wanted) {
    byImage.keySet().removeIf(wanted.negate());
  }
}
