package dev.fncluster.api.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is in a file that may change. What can't be read or used is told of in the log, and what was
 * read before goes on to hold. Thread-safe.
 *
 * @param <T> what is made of the file
 */
final class WatchedFile<T> implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WatchedFile.class);
  private static final int MAX_BYTES = 4 << 20;

  private final Path path;
  private final Parser<T> parser;
  private final CountDownLatch closing = new CountDownLatch(1);
  private byte[] seen;
  private String told = "";
  private volatile T current;

  /** Makes something of a file. */
  @FunctionalInterface
  interface Parser<T> {
    /**
     * Reads {@code bytes}.
     *
     * @throws IllegalArgumentException when they are malformed; the message is for the log
     */
    T parse(byte[] bytes);
  }

  private WatchedFile(Path path, Parser<T> parser) throws IOException {
    this.path = path;
    this.parser = parser;
    seen = read(path);
    current = parser.parse(seen);
  }

  /**
   * Reads a file and goes on to look at it until it is closed.
   *
   * @param setting that names the file, for the operator
   * @param period how often to look
   * @throws IOException when it can't be read or is malformed; the message is for the operator
   */
  static <T> WatchedFile<T> watch(String setting, Path path, Duration period, Parser<T> parser)
      throws IOException {
    WatchedFile<T> file;
    try {
      file = new WatchedFile<>(path, parser);
    } catch (IOException e) {
      throw new IOException(setting + " is \"" + path + "\", which can't be read: " + e, e);
    } catch (IllegalArgumentException e) {
      throw new IOException(setting + " is \"" + path + "\"; " + e.getMessage(), e);
    }
    Thread.ofVirtual().name("auth-file").start(() -> file.watch(period));
    return file;
  }

  /** What the file holds. Never blocks. */
  T get() {
    return current;
  }

  /** Looks at the file no more. Idempotent. */
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
      byte[] bytes = read(path);
      if (Arrays.equals(bytes, seen)) {
        told = "";
        return;
      }
      current = parser.parse(bytes);
      seen = bytes;
      told = "";
      log.atInfo().addKeyValue("file", path).log("a file about who may do what is read anew");
    } catch (IOException | RuntimeException e) {
      tell(e.toString());
    }
  }

  // What stays wrong is told once.
  private void tell(String why) {
    if (!why.equals(told)) {
      told = why;
      log.atError()
          .addKeyValue("file", path)
          .addKeyValue("why", why)
          .log("a file about who may do what can't be used; what it held before goes on to hold");
    }
  }

  private static byte[] read(Path path) throws IOException {
    if (Files.size(path) > MAX_BYTES) {
      throw new IOException("the file is longer than " + MAX_BYTES + " bytes");
    }
    return Files.readAllBytes(path);
  }
}
