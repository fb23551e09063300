package dev.fncluster.api.tls;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tells when certificates end, so that nobody is surprised by it. */
public final class CertificateMeters {
  private CertificateMeters() {}

  /**
   * Has {@code meters} tell when a certificate ends.
   *
   * @param use where it is shown; one certificate for each
   * @param notAfter asked at each scrape, on any thread; null while there is none
   */
  public static void export(
      MeterRegistry meters, String use, Supplier<@Nullable Instant> notAfter) {
    Gauge.builder("fn_tls_certificate_not_after_seconds", () -> seconds(notAfter.get()))
        .description("When the first certificate of the chain ends that is shown there")
        .tag("use", use)
        .register(meters);
  }

  private static double seconds(@Nullable Instant end) {
    return end == null ? Double.NaN : end.getEpochSecond();
  }
}
