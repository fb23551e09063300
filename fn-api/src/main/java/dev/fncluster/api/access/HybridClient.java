package dev.fncluster.api.access;

import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.management.EndpointAnnotator;
import dev.fncluster.api.management.ManagementErrors;
import dev.fncluster.api.management.ResourceReader;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import dev.fncluster.api.settings.SettingException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Reads from API nodes over HTTP, on load balancers.
 *
 * <p>What fails on the way, what a node answers with 500 and up and what can't be understood is
 * asked of the next node, and of all of them up to {@value #MAX_RETRIES} times again, with growing
 * random pauses, within one minute in all; then the caller gets 503. So does one for whom a node
 * refuses our token, which is read again before each try. Any other 4xx answer is final and passed
 * on with its text. Blocks: call it on a virtual thread. Thread-safe.
 */
public final class HybridClient implements ReadDataAccess, AutoCloseable {
  static final int MAX_RETRIES = 5;

  private static final Duration TOTAL_TIME = Duration.ofSeconds(60);
  private static final Duration ATTEMPT_TIME = Duration.ofSeconds(15);

  /** How long a node may take while there is another one to ask. */
  private static final Duration FAILOVER_TIME = Duration.ofSeconds(3);

  private static final Duration CONNECT_TIME = Duration.ofSeconds(5);
  private static final long MAX_ANSWER_BYTES = ResourceReader.MAX_LENGTH;
  private static final long PAUSE_MILLIS = 25;

  private final ApiNodes nodes;
  private final ApiToken token;
  private final RandomGenerator random;
  private final ExecutorService threads;
  private final HttpClient http;
  private final CountDownLatch closed = new CountDownLatch(1);

  /** One answer: what was read, a refusal that is final, or what went wrong. */
  private sealed interface Attempt<T> {
    record Read<T>(T value) implements Attempt<T> {}

    record Refused<T>(ServiceException refusal) implements Attempt<T> {}

    record Failed<T>(Exception cause) implements Attempt<T> {}
  }

  /** A client of the nodes at {@code settings.apiUrls()}; no connection is made yet. */
  public HybridClient(AccessSettings settings) {
    this(settings, RandomGenerator.getDefault(), System::nanoTime);
  }

  HybridClient(AccessSettings settings, RandomGenerator random, LongSupplier nanoTime) {
    this.nodes = new ApiNodes(settings.apiUrls(), nanoTime);
    this.token = settings.token();
    this.random = random;
    this.threads = Executors.newVirtualThreadPerTaskExecutor();
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            // Asking for HTTP/2 on a plain connection costs an upgrade that API nodes don't speak.
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIME)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(threads);
    settings.tls().ifPresent(builder::sslContext);
    this.http = builder.build();
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
    // The endpoint is the node's that was asked: calls of the next one would get other containers.
    return EndpointAnnotator.withoutEndpoint(get("fns/" + UrlPaths.encode(id), ResourceReader::fn));
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
    long deadline = System.nanoTime() + TOTAL_TIME.toNanos();
    Exception last = null;
    for (int retry = 0; retry <= MAX_RETRIES; retry++) {
      if (retry > 0 && !pause(retry, deadline - System.nanoTime())) {
        break;
      }
      List<ApiNodes.Node> order = nodes.inOrder();
      if (order.size() > 1) {
        probe(path, reader);
      }
      for (int i = 0; i < order.size(); i++) {
        long left = deadline - System.nanoTime();
        if (left <= 0 || Thread.currentThread().isInterrupted()) {
          throw unreachable(last);
        }
        Duration limit = i == order.size() - 1 ? ATTEMPT_TIME : FAILOVER_TIME;
        Duration time = left < limit.toNanos() ? Duration.ofNanos(left) : limit;
        switch (attempt(order.get(i), path, reader, time)) {
          case Attempt.Read<T>(T value) -> {
            return value;
          }
          case Attempt.Refused<T>(ServiceException refusal) -> throw refusal;
          case Attempt.Failed<T>(Exception cause) -> last = cause;
        }
      }
    }
    throw unreachable(last);
  }

  /** Repeats a request at a node that failed before, where nobody waits for it. */
  private <T> void probe(String path, Function<String, T> reader) {
    nodes
        .takeProbe()
        .ifPresent(node -> threads.execute(() -> attempt(node, path, reader, FAILOVER_TIME)));
  }

  /** Asks one node, and notes whether it is well. */
  private <T> Attempt<T> attempt(
      ApiNodes.Node node, String path, Function<String, T> reader, Duration time) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(node.url() + "/v2/" + path))
            .header("Accept", "application/json")
            .GET();
    token.header().ifPresent(value -> request.header("Authorization", value));
    Attempt<T> attempt;
    try {
      attempt = read(send(request.build(), time), reader);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Attempt.Failed<>(e);
    } catch (IOException | IllegalArgumentException e) {
      attempt = new Attempt.Failed<>(e);
    }
    if (attempt instanceof Attempt.Failed<T>(Exception cause)) {
      if (!Thread.currentThread().isInterrupted() && closed.getCount() > 0) {
        node.failed(cause);
      }
    } else {
      node.answered();
    }
    return attempt;
  }

  // The time of the JDK's client ends with the head of an answer; this one is for all of it.
  private HttpResponse<byte[]> send(HttpRequest request, Duration time)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(
            request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
    try {
      return answer.get(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      throw new IOException("no whole answer within " + time.toMillis() + " ms", e);
    } finally {
      answer.cancel(true);
    }
  }

  /**
   * What an answer says.
   *
   * @throws IOException when it can't be relied on
   * @throws IllegalArgumentException when it can't be understood
   */
  private <T> Attempt<T> read(HttpResponse<byte[]> response, Function<String, T> reader)
      throws IOException {
    int status = response.statusCode();
    String body = new String(response.body(), StandardCharsets.UTF_8);
    if (status == 200) {
      return new Attempt.Read<>(reader.apply(body));
    }
    if (status >= 500) {
      throw new IOException("it answered " + status);
    }
    if (status == 401 || status == 403) {
      throw new IOException(refusedToken(status));
    }
    String message = status >= 400 ? messageOf(body) : "";
    if (message.isEmpty()) {
      throw new IOException("answer " + status + " without a message; is this an API node?");
    }
    return new Attempt.Refused<>(new ServiceException(status, message));
  }

  // It is us whom the node refuses, not who asked us: that one is not to be told that it may not.
  private String refusedToken(int status) {
    String text = "it refuses this load balancer (" + status + "); see FN_RUNNER_API_TOKEN";
    try {
      token.renew();
      return text;
    } catch (SettingException e) {
      return text + ": " + e.getMessage();
    }
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
    if (TimeUnit.MILLISECONDS.toNanos(millis) >= leftNanos) {
      return false;
    }
    try {
      return !closed.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static ServiceException unreachable(@Nullable Exception cause) {
    return new ServiceException(503, "The API node can't be reached", cause);
  }
}
