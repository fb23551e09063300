package dev.fncluster.api.model;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * Date-times as JSON has them here: RFC 3339 in UTC with three digits of a second. "Not set" is
 * null in code and {@value #ZERO_TEXT} in text.
 */
public final class Timestamps {
  /** What stands for "not set". */
  public static final String ZERO_TEXT = "0001-01-01T00:00:00.000Z";

  private static final String OWN_FORM = "0000-00-00T00:00:00.000Z";
  private static final Instant ZERO = Instant.parse(ZERO_TEXT);

  private Timestamps() {}

  /** The text of {@code instant}; {@value #ZERO_TEXT} for null. */
  public static String format(@Nullable Instant instant) {
    if (instant == null) {
      return ZERO_TEXT;
    }
    StringBuilder out = toTheSecond(instant).append('.');
    return pad(out, instant.getNano() / 1_000_000, 100).append('Z').toString();
  }

  /** The text of {@code instant} to the second, as the {@code Fn-Deadline} header wants it. */
  public static String formatSeconds(Instant instant) {
    return toTheSecond(instant).append('Z').toString();
  }

  private static StringBuilder toTheSecond(Instant instant) {
    long second = instant.getEpochSecond();
    long day = Math.floorDiv(second, 86_400L);
    int ofDay = (int) Math.floorMod(second, 86_400L);
    LocalDate date = LocalDate.ofEpochDay(day);
    StringBuilder out = new StringBuilder(OWN_FORM.length());
    pad(out, date.getYear(), 1000).append('-');
    pad(out, date.getMonthValue(), 10).append('-');
    pad(out, date.getDayOfMonth(), 10).append('T');
    pad(out, ofDay / 3600, 10).append(':');
    pad(out, ofDay / 60 % 60, 10).append(':');
    return pad(out, ofDay % 60, 10);
  }

  /**
   * Reads a date-time with any number of fraction digits and any offset.
   *
   * @return null for the zero time; 1970 for the empty text, as other implementations have it
   * @throws IllegalArgumentException when the text is no date-time
   */
  public static @Nullable Instant parse(String text) {
    if (text.isEmpty()) {
      return Instant.EPOCH;
    }
    if (text.length() == OWN_FORM.length() && isOwnForm(text, 0)) {
      return readOwnForm(text, 0);
    }
    try {
      Instant instant = OffsetDateTime.parse(text).toInstant();
      return instant.equals(ZERO) ? null : instant;
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("not an RFC 3339 date-time: " + text, e);
    }
  }

  // What format() writes is on the way of every call; the general parser takes ten times as long.

  /** Whether {@code text} has at {@code from} what {@link #format} may have written. */
  static boolean isOwnForm(String text, int from) {
    if (text.length() - from < OWN_FORM.length()) {
      return false;
    }
    for (int i = 0; i < OWN_FORM.length(); i++) {
      char wanted = OWN_FORM.charAt(i);
      char there = text.charAt(from + i);
      if (wanted == '0' ? there < '0' || there > '9' : there != wanted) {
        return false;
      }
    }
    return true;
  }

  /**
   * Reads what {@link #isOwnForm}.
   *
   * @return null for the zero time
   * @throws IllegalArgumentException when there is no such day or time of day
   */
  static @Nullable Instant readOwnForm(String text, int from) {
    if (text.startsWith(ZERO_TEXT, from)) {
      return null;
    }
    try {
      return LocalDateTime.of(
              number(text, from, 4),
              number(text, from + 5, 2),
              number(text, from + 8, 2),
              number(text, from + 11, 2),
              number(text, from + 14, 2),
              number(text, from + 17, 2),
              number(text, from + 20, 3) * 1_000_000)
          .toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("not an RFC 3339 date-time: " + text, e);
    }
  }

  private static int number(String text, int from, int digits) {
    return Integer.parseInt(text, from, from + digits, 10);
  }

  /** Appends {@code value} with zeros before it, if it is less than {@code full}. */
  private static StringBuilder pad(StringBuilder out, int value, int full) {
    for (int limit = full; limit > 1 && value < limit; limit /= 10) {
      out.append('0');
    }
    return out.append(value);
  }
}
