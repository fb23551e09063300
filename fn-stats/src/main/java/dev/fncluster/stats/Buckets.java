package dev.fncluster.stats;

import io.opencensus.stats.Aggregation;
import io.opencensus.stats.BucketBoundaries;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Makes bucket bounds, and distributions of them. Bounds are in the unit of the measure.
 *
 * <p>A value that equals a bound is counted in that bound's bucket, as {@code le} says. The
 * vocabulary's distributions drop bounds of 0 and less: no measure of ours is ever negative.
 */
public final class Buckets {
  private Buckets() {}

  /** The distribution with these bounds, which must rise. */
  public static Aggregation.Distribution of(double... bounds) {
    return of(Arrays.stream(bounds).boxed().toList());
  }

  /**
   * {@code count + 1} bounds at equal distances: from 5 to 15 in 5 gives 5, 7, 9, 11, 13, 15.
   *
   * @param max greater than {@code min}
   * @param count at least 1
   */
  public static List<Double> linear(double min, double max, int count) {
    requireCount(count);
    requireRange(min, max);
    List<Double> bounds = new ArrayList<>(count + 1);
    for (int i = 0; i <= count; i++) {
      bounds.add(min + (max - min) * i / count);
    }
    return List.copyOf(bounds);
  }

  /**
   * {@code count + 1} bounds: 0, and then each twice the one before, up to {@code max}: up to 100
   * in 10 gives 0, 0.1953125, 0.390625, and so on to 50, 100.
   *
   * @param max greater than 0
   * @param count at least 1
   */
  public static List<Double> log2(double max, int count) {
    requireCount(count);
    requireRange(0, max);
    List<Double> bounds = new ArrayList<>(count + 1);
    double bound = max;
    for (int i = 0; i < count; i++) {
      bounds.add(bound);
      bound /= 2;
    }
    bounds.add(0.0);
    Collections.reverse(bounds);
    return List.copyOf(bounds);
  }

  /**
   * Bounds each twice the one before, up to {@code max}, of which the first is the last one that is
   * not above {@code min}: 7 to 100 gives 6.25, 12.5, 25, 50, 100.
   *
   * @param min greater than 0
   * @param max greater than {@code min}
   */
  public static List<Double> log2Range(double min, double max) {
    requireRange(0, min);
    requireRange(min, max);
    List<Double> bounds = new ArrayList<>();
    double bound = max;
    while (bound > min) {
      bounds.add(bound);
      bound /= 2;
    }
    bounds.add(bound);
    Collections.reverse(bounds);
    return List.copyOf(bounds);
  }

  /** The distribution with these bounds, which must rise. */
  public static Aggregation.Distribution of(List<Double> bounds) {
    return Aggregation.Distribution.create(BucketBoundaries.create(bounds));
  }

  private static void requireCount(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("count is " + count + "; expected at least 1");
    }
  }

  private static void requireRange(double min, double max) {
    if (!(min < max)) {
      throw new IllegalArgumentException(
          "the range is from " + min + " to " + max + "; expected a rising one");
    }
  }
}
