package dev.fncluster.api.access;

import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.management.ManagementErrors;
import dev.fncluster.api.management.ResourceReader;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads from an API node over HTTP, on load balancers.
 *
 * <p>What fails on the way, what the node answers with 500 and up and what can't be understood is
 * tried up to {@value #MAX_RETRIES} times again, with growing random pauses, within one minute in
 * all; then the caller gets 503. A 4xx answer is final and passed on with its text. Blocks: call it
 * on a virtual thread. Thread-safe.
 */
public final class HybridClient implements ReadDataAccess, AutoCloseable {
  static final int MAX_RETRIES = 5;

  private static final Logger LOG = LoggerFactory.getLogger(HybridClient.class);
  private static final Duration TOTAL_TIME = Duration.ofSeconds(60);
  private static final Duration ATTEMPT_TIME = Duration.ofSeconds(15);
  private static final Duration CONNECT_TIME = Duration.ofSeconds(5);
  private static final long MAX_ANSWER_BYTES = 16L * 1024 * 1024;
  private static final long PAUSE_MILLIS = 25;

  private final URI apiUrl;
  private final RandomGenerator random;
  private final ExecutorService threads;
  private final HttpClient http;
  private final AtomicBoolean unreachable = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** One answer: what was read, or what went wrong and may be tried again. */
  private record Attempt<T>(@Nullable T value, @Nullable Exception failure) {}

  /** A client of the node at {@code settings.apiUrl()}; no connection is made yet. */
  public HybridClient(AccessSettings settings) {
    this(settings, RandomGenerator.getDefault());
  }

  HybridClient(AccessSettings settings, RandomGenerator random) {
    this.apiUrl = settings.apiUrl();
    this.random = random;
    this.threads = Executors.newVirtualThreadPerTaskExecutor();
    this.http =
        HttpClient.newBuilder()
            // Asking for HTTP/2 on a plain connection costs an upgrade that API nodes don't speak.
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIME)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(threads)
            .build();
  }

  @Override
  public String appIdByName(String name) {
    return get(
            "apps?name=" + URLEncoder.encode(name, StandardCharsets.UTF_8),
            ResourceReader::firstApp)
        .orElseThrow(ManagementErrors::appNotFound)
        .id();
  }

  @Override
  public App app(String id) {
    return get("apps/" + UrlPaths.encode(id), ResourceReader::app);
  }

  @Override
  public Fn fn(String id) {
    return get("fns/" + UrlPaths.encode(id), ResourceReader::fn);
  }

  @Override
  public Trigger triggerBySource(String appId, String type, String source) {
    // A source begins with a slash of its own, so that two follow the type on the wire.
    return get(
        "runner/apps/"
            + UrlPaths.encode(appId)
            + "/triggerBySource/"
            + UrlPaths.encode(type)
            + "/"
            + UrlPaths.encode(source),
        ResourceReader::trigger);
  }

  /** Closes the connections; requests that are under way fail. */
  @Override
  public void close() {
    closed.countDown();
    http.shutdownNow();
    threads.shutdownNow();
  }

  private <T> T get(String path, Function<String, T> reader) {
    URI uri = URI.create(apiUrl + "/v2/" + path);
    long deadline = System.nanoTime() + TOTAL_TIME.toNanos();
    Exception last = null;
    for (int retry = 0; retry <= MAX_RETRIES; retry++) {
      long left = deadline - System.nanoTime();
      if (left <= 0 || (retry > 0 && !pause(retry, left))) {
        break;
      }
      Attempt<T> attempt = attempt(uri, reader, Duration.ofNanos(left));
      T value = attempt.value();
      if (value != null) {
        reached();
        return value;
      }
      last = attempt.failure();
      if (Thread.currentThread().isInterrupted()) {
        break;
      }
    }
    throw unreachable(last);
  }

  private <T> Attempt<T> attempt(URI uri, Function<String, T> reader, Duration left) {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(left.compareTo(ATTEMPT_TIME) < 0 ? left : ATTEMPT_TIME)
            .header("Accept", "application/json")
            .GET()
            .build();
    HttpResponse<byte[]> response;
    try {
      response =
          http.send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
    } catch (IOException e) {
      return new Attempt<>(null, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Attempt<>(null, e);
    }
    int status = response.statusCode();
    String body = new String(response.body(), StandardCharsets.UTF_8);
    if (status == 200) {
      try {
        return new Attempt<>(reader.apply(body), null);
      } catch (IllegalArgumentException e) {
        return new Attempt<>(null, e);
      }
    }
    if (status >= 500) {
      return new Attempt<>(null, new IOException("API node answered " + status));
    }
    throw refusal(status, body);
  }

  private ServiceException refusal(int status, String body) {
    if (status >= 400) {
      String message = messageOf(body);
      if (!message.isEmpty()) {
        reached();
        return new ServiceException(status, message);
      }
    }
    return unreachable(
        new IOException("answer " + status + " without a message; is this an API node?"));
  }

  private static String messageOf(String body) {
    try {
      return ResourceReader.errorMessage(body);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /**
   * Waits 25 ms and more, up to 25 + 50 * (2^retry - 1). False when there is no time left or nobody
   * wants it.
   */
  private boolean pause(int retry, long leftNanos) {
    long millis = PAUSE_MILLIS + random.nextLong(2 * PAUSE_MILLIS * ((1L << retry) - 1));
    if (Duration.ofMillis(millis).toNanos() >= leftNanos) {
      return false;
    }
    try {
      return !closed.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void reached() {
    if (unreachable.get() && unreachable.compareAndSet(true, false)) {
      LOG.info("API node {} answers again", apiUrl);
    }
  }

  private ServiceException unreachable(@Nullable Exception cause) {
    if (!Thread.currentThread().isInterrupted() && unreachable.compareAndSet(false, true)) {
      LOG.warn("API node {} does not answer: {}", apiUrl, String.valueOf(cause));
    }
    return new ServiceException(503, "The API node can't be reached", cause);
  }
}
