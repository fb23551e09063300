package dev.fncluster.api.tls;

import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One end of TLS whose files are read again when they change. New connections get what the files
 * hold now; those that are open keep what they began with. Files that can't be used are told of in
 * the log, and what was read before goes on to hold: a certificate and its key are not replaced at
 * the same instant.
 *
 * <p>Thread-safe.
 */
public final class ReloadedTls implements Supplier<SslContext>, AutoCloseable {
  /** How often files are looked at by default. */
  public static final Duration PERIOD = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(ReloadedTls.class);

  private final PemFiles files;
  private final Factory factory;
  private final CountDownLatch closing = new CountDownLatch(1);
  private TlsMaterial.Bytes seen;
  private String told = "";
  private volatile SslContext current;
  private volatile Instant notAfter;

  /** Makes a context of what the files hold. */
  @FunctionalInterface
  public interface Factory {
    /**
     * A context.
     *
     * @throws IOException when that is not possible
     */
    SslContext create(TlsMaterial material) throws IOException;
  }

  private ReloadedTls(PemFiles files, Factory factory) throws IOException {
    this.files = files;
    this.factory = factory;
    seen = TlsMaterial.Bytes.read(files);
    TlsMaterial material = TlsMaterial.of(files, seen);
    current = factory.create(material);
    notAfter = material.notAfter();
  }

  /**
   * Reads the files and goes on to look at them until it is closed.
   *
   * @param period how often to look
   * @throws IOException when they can't be used; the message is for the operator
   */
  public static ReloadedTls watch(PemFiles files, Duration period, Factory factory)
      throws IOException {
    ReloadedTls tls = new ReloadedTls(files, factory);
    Thread.ofVirtual().name("tls-files").start(() -> tls.watch(period));
    return tls;
  }

  /** What new connections are to use. Never blocks. */
  @Override
  public SslContext get() {
    return current;
  }

  /** When the first of the certificates ends that are shown now. */
  public Instant notAfter() {
    return notAfter;
  }

  /** Looks at the files no more; what was read goes on to hold. Idempotent. */
  @Override
  public void close() {
    closing.countDown();
  }

  private void watch(Duration period) {
    try {
      while (!closing.await(period.toMillis(), TimeUnit.MILLISECONDS)) {
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    try {
      TlsMaterial.Bytes bytes = TlsMaterial.Bytes.read(files);
      if (bytes.isSame(seen)) {
        return;
      }
      seen = bytes;
      TlsMaterial material = TlsMaterial.of(files, bytes);
      current = factory.create(material);
      notAfter = material.notAfter();
      told = "";
      log.atInfo()
          .addKeyValue("file", files.certificates())
          .addKeyValue("expires", notAfter)
          .log("a new certificate is used");
    } catch (IOException | RuntimeException e) {
      tell(e.toString());
    }
  }

  // Files that stay away are looked for again and again, but that is told once.
  private void tell(String why) {
    if (!why.equals(told)) {
      told = why;
      log.atWarn()
          .addKeyValue("file", files.certificates())
          .addKeyValue("why", why)
          .log("the certificate's files can't be used; the one before goes on to be");
    }
  }
}
