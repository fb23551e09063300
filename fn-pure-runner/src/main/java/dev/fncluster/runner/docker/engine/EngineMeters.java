package dev.fncluster.runner.docker.engine;

import com.github.dockerjava.api.exception.DockerException;
import dev.fncluster.stats.Recorder;
import dev.fncluster.stats.ViewRegistry;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Counts what the engine is asked and what it tells. Thread-safe. */
public final class EngineMeters {
  private record Call(EngineApi api, String status) {}

  private record EventKind(String action, String type) {}

  private final ViewRegistry registry;
  private final Map<Call, Recorder> latencies = new ConcurrentHashMap<>();
  private final Map<EventKind, Recorder> events = new ConcurrentHashMap<>();

  /** Counts in {@code registry}, where {@link EngineViews#all()} are registered. */
  public EngineMeters(ViewRegistry registry) {
    this.registry = registry;
  }

  /**
   * A call ended.
   *
   * @param failure null for none
   */
  public void called(EngineApi api, long nanos, @Nullable Throwable failure) {
    latencies
        .computeIfAbsent(
            new Call(api, status(failure)),
            call ->
                registry.recorder(
                    EngineViews.API_LATENCY,
                    EngineViews.API_NAME.getName(),
                    call.api().label(),
                    EngineViews.API_STATUS.getName(),
                    call.status()))
        .record(TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  /** A call is made again because of {@code reason}, one of a few words. */
  public void retried(EngineApi api, String reason) {
    registry
        .recorder(
            EngineViews.API_RETRIES,
            EngineViews.API_NAME.getName(),
            api.label(),
            EngineViews.API_STATUS.getName(),
            reason)
        .increment();
  }

  /** A container ended with an exit code. */
  public void exited(int code) {
    exited("exit_" + code);
  }

  /** A container was ended by this node. */
  public void exitedOnRequest() {
    exited("ctx_canceled");
  }

  private void exited(String status) {
    registry
        .recorder(
            EngineViews.EXITS,
            EngineViews.API_NAME.getName(),
            EngineApi.WAIT_CONTAINER.label(),
            EngineViews.EXIT_STATUS.getName(),
            status)
        .increment();
  }

  /** The engine told of something. */
  public void event(String action, String type) {
    // "exec_create: the whole command line" would be a label without end.
    String word = action.split(":", 2)[0];
    events
        .computeIfAbsent(
            new EventKind(word, type),
            kind ->
                registry.recorder(
                    EngineViews.EVENTS,
                    EngineViews.EVENT_ACTION.getName(),
                    kind.action(),
                    EngineViews.EVENT_TYPE.getName(),
                    kind.type()))
        .increment();
  }

  /** The id that this process gives its containers; exported as its FNV-1 hash of 64 bits. */
  public void instance(String id) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < id.length(); i++) {
      hash *= 0x100000001b3L;
      hash ^= id.charAt(i) & 0xff;
    }
    registry.recorder(EngineViews.INSTANCE_ID).record(hash);
  }

  static String status(@Nullable Throwable failure) {
    if (failure == null) {
      return "ok";
    }
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof DockerException refused && refused.getHttpStatus() > 0) {
        return Integer.toString(refused.getHttpStatus());
      }
      if (each instanceof SocketTimeoutException || each instanceof TimeoutException) {
        return "timeout";
      }
      if (each instanceof InterruptedException) {
        return "canceled";
      }
    }
    return "error";
  }
}
