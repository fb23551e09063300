package dev.fncluster.api.http;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The {@code Date} header, made once a second. Thread-safe: at worst two threads make the same one.
 */
final class HttpDate {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private record Line(long second, String text, byte[] bytes) {}

  private final InstantSource clock;
  private volatile Line line = new Line(Long.MIN_VALUE, "", new byte[0]);

  HttpDate(InstantSource clock) {
    this.clock = clock;
  }

  /** The whole header line; must not be changed. */
  byte[] line() {
    return current().bytes;
  }

  /** The value of the header. */
  String text() {
    return current().text;
  }

  private Line current() {
    long second = Math.floorDiv(clock.millis(), 1000L);
    Line current = line;
    if (current.second != second) {
      String text = FORMAT.format(Instant.ofEpochSecond(second));
      byte[] bytes = ("Date: " + text + "\r\n").getBytes(StandardCharsets.US_ASCII);
      current = new Line(second, text, bytes);
      line = current;
    }
    return current;
  }
}
