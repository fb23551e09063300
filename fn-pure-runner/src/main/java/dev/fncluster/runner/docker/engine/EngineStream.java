package dev.fncluster.runner.docker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.transport.DockerHttpClient;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An answer of the engine that goes on for as long as there is something to tell: JSON objects, one
 * after the other. Read on a virtual thread, which closing interrupts wherever it is; that closes
 * the connection. Thread-safe.
 */
final class EngineStream implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int OK = 200;

  private final CompletableFuture<Boolean> opened = new CompletableFuture<>();
  // Completed, with what ended it or with nothing, after the last object was passed on.
  private final CompletableFuture<@Nullable Throwable> ended = new CompletableFuture<>();
  private final Thread reader;

  private EngineStream(
      DockerHttpClient http, DockerHttpClient.Request request, Consumer<JsonNode> each) {
    reader = Thread.ofVirtual().name("docker-stream").unstarted(() -> read(http, request, each));
  }

  /** Makes the request, and has {@code each} called for every object on the stream's thread. */
  static EngineStream open(
      DockerHttpClient http, DockerHttpClient.Request request, Consumer<JsonNode> each) {
    EngineStream stream = new EngineStream(http, request, each);
    stream.reader.start();
    return stream;
  }

  private void read(
      DockerHttpClient http, DockerHttpClient.Request request, Consumer<JsonNode> each) {
    Throwable failure = null;
    try (DockerHttpClient.Response response = http.execute(request)) {
      if (response.getStatusCode() != OK) {
        throw new DockerException("it refused", response.getStatusCode());
      }
      opened.complete(true);
      MappingIterator<JsonNode> objects =
          JSON.readerFor(JsonNode.class).readValues(response.getBody());
      while (objects.hasNextValue()) {
        each.accept(objects.nextValue());
      }
    } catch (IOException | RuntimeException e) {
      failure = e;
    } finally {
      opened.complete(false);
      ended.complete(failure);
    }
  }

  /**
   * Waits until the engine has agreed.
   *
   * @throws EngineUnavailableException when it does not, or not within {@code limit}
   */
  void awaitOpen(Duration limit) throws InterruptedException {
    try {
      if (!opened.get(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new EngineUnavailableException(
            "the Docker engine opens no stream: " + why(), new IOException(ended.join()));
      }
    } catch (TimeoutException e) {
      throw new EngineUnavailableException("the Docker engine opened no stream within " + limit, e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("this is never completed with a failure", e);
    }
  }

  /** Waits for its end, for {@code limit} at most; returns whether it has ended. */
  boolean awaitEnd(Duration limit) throws InterruptedException {
    try {
      ended.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("this is never completed with a failure", e);
    }
  }

  /** Why it ended, for people. Only asked when it has. */
  String why() {
    Throwable failure = ended.join();
    return failure == null ? "its end" : String.valueOf(failure.getMessage());
  }

  /** Nothing more is passed on, except what is being passed on now. */
  @Override
  public void close() {
    reader.interrupt();
  }
}
