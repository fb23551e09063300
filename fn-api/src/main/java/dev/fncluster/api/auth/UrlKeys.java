package dev.fncluster.api.auth;

import dev.fncluster.api.settings.Masking;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys at a URL, read when started, then from time to time, and when a token names one that is not
 * known. While they can't be read, those that are known hold for up to a day. Thread-safe.
 */
final class UrlKeys implements JwtKeys {
  private static final Logger log = LoggerFactory.getLogger(UrlKeys.class);
  private static final Duration CONNECT_TIME = Duration.ofSeconds(5);
  private static final Duration TOTAL_TIME = Duration.ofSeconds(10);
  private static final Duration LONGEST_USE = Duration.ofDays(1);
  private static final long MAX_BYTES = 1 << 20;

  private final URI url;
  private final Duration period;
  private final LongSupplier nanoTime;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicReference<@Nullable CompletableFuture<Void>> reading =
      new AtomicReference<>();
  private volatile @Nullable Read read;
  private volatile @Nullable Long triedNanos;
  private volatile boolean failed;

  private record Read(KeySet keys, long nanos) {}

  /**
   * Keys at {@code url}.
   *
   * @param nanoTime tells how old they are
   */
  UrlKeys(URI url, Duration period, LongSupplier nanoTime) {
    this.url = url;
    this.period = period;
    this.nanoTime = nanoTime;
    this.http =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIME)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(threads)
            .build();
  }

  @Override
  public void start() {
    Thread.ofVirtual().name("auth-keys").start(this::readFromTimeToTime);
  }

  @Override
  public KeySet current() {
    Read last = read;
    if (last == null || nanoTime.getAsLong() - last.nanos() > LONGEST_USE.toNanos()) {
      throw AuthErrors.unavailable();
    }
    return last.keys();
  }

  @Override
  public void refresh() {
    CompletableFuture<Void> mine = new CompletableFuture<>();
    CompletableFuture<Void> others = reading.compareAndExchange(null, mine);
    if (others != null) {
      // Bounded: what is waited for is, and its end is told in any case.
      others.join();
      return;
    }
    try {
      Long tried = triedNanos;
      if (tried == null || nanoTime.getAsLong() - tried >= LEAST_PAUSE.toNanos()) {
        readNow();
      }
    } finally {
      reading.set(null);
      mine.complete(null);
    }
  }

  @Override
  public void close() {
    closing.countDown();
    http.shutdownNow();
    threads.shutdownNow();
  }

  private void readFromTimeToTime() {
    try {
      do {
        refresh();
      } while (!closing.await(pause().toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Duration pause() {
    return failed && period.compareTo(LEAST_PAUSE) > 0 ? LEAST_PAUSE : period;
  }

  private void readNow() {
    triedNanos = nanoTime.getAsLong();
    try {
      KeySet found = KeySet.parse(fetch());
      Read last = read;
      // Other keys are another object, and with these what was checked by them is forgotten.
      KeySet keys = last != null && last.keys().isSameAs(found) ? last.keys() : found;
      read = new Read(keys, nanoTime.getAsLong());
      if (failed) {
        failed = false;
        log.atInfo()
            .addKeyValue("url", Masking.addresses(url.toString()))
            .log("keys for tokens can be read again");
      }
    } catch (IOException | RuntimeException e) {
      if (!failed && closing.getCount() > 0) {
        failed = true;
        log.atError()
            .addKeyValue("url", Masking.addresses(url.toString()))
            .addKeyValue("why", Masking.addresses(e.toString()))
            .log("keys for tokens can't be read; those that are known hold for a day");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // The time of the JDK's client ends with the head of an answer; ours is for all of it.
  private byte[] fetch() throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(
            HttpRequest.newBuilder(url)
                .timeout(TOTAL_TIME)
                .header("Accept", "application/json, application/jwk-set+json")
                .GET()
                .build(),
            BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
    try {
      HttpResponse<byte[]> response = answer.get(TOTAL_TIME.toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != 200) {
        throw new IOException("the answer has status " + response.statusCode());
      }
      return response.body();
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException("no whole answer within " + TOTAL_TIME.toSeconds() + " s", e);
    }
  }
}
