package dev.fncluster.api.model;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/** Amounts of CPU in thousandths: {@code "250m"}, or {@code "0.25"} CPUs. */
public final class MilliCpus {
  /** The largest amount: 1,024 CPUs. */
  public static final int MAX = 1_024_000;

  private static final Pattern MILLI = Pattern.compile("\\+?[0-9]{1,18}m");
  private static final Pattern CPUS =
      Pattern.compile("[+-]?([0-9]{1,18}(\\.[0-9]{0,18})?|\\.[0-9]{1,18})");

  private MilliCpus() {}

  /**
   * Reads an amount.
   *
   * @return 0 to {@value #MAX}; 0 for the empty text
   * @throws IllegalArgumentException when the text is no amount or out of range
   */
  public static int parse(String text) {
    if (text.isEmpty()) {
      return 0;
    }
    BigDecimal milli;
    if (MILLI.matcher(text).matches()) {
      milli = new BigDecimal(text.substring(0, text.length() - 1));
    } else if (CPUS.matcher(text).matches()) {
      milli = new BigDecimal(text).movePointRight(3).setScale(0, RoundingMode.DOWN);
      if (new BigDecimal(text).signum() < 0) {
        throw outOfRange(text);
      }
    } else {
      throw outOfRange(text);
    }
    if (milli.signum() < 0 || milli.compareTo(BigDecimal.valueOf(MAX)) > 0) {
      throw outOfRange(text);
    }
    return milli.intValueExact();
  }

  /** The text of an amount, {@code "250m"}. */
  public static String format(int milliCpus) {
    return milliCpus + "m";
  }

  private static IllegalArgumentException outOfRange(String text) {
    return new IllegalArgumentException(
        "Cpus is invalid. Value should be either between [0.000 and 1024.000] or [0m and 1024000m]"
            + " milliCPU units, not \""
            + text
            + "\"");
  }
}
