package dev.fncluster.stats;

import java.math.BigDecimal;

/**
 * Writes numbers as Go's libraries do: {@code 0.5}, {@code 1000}, {@code 1.048576e+06}. The bound
 * of a bucket is a label, so that whoever asks for {@code le="1000"} gets nothing of {@code
 * le="1000.0"}.
 */
final class GoNumbers {
  /** Decimal exponents from here on are written as such. */
  private static final int GREAT = 6;

  private static final int SMALL = -4;

  private GoNumbers() {}

  static String text(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = exact.precision() - exact.scale() - 1;
    return exponent >= SMALL && exponent < GREAT
        ? exact.toPlainString()
        : exact.scaleByPowerOfTen(-exponent).toPlainString() + exponent(exponent);
  }

  private static String exponent(int exponent) {
    return (exponent < 0 ? "e-" : "e+") + "%02d".formatted(Math.abs(exponent));
  }
}
