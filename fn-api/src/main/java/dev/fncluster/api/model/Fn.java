package dev.fncluster.api.model;

import java.time.Instant;
import java.util.Map;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * A function: an image and the limits under which it runs.
 *
 * @param memory in MiB
 * @param timeout seconds that a call may spend in its container
 * @param idleTimeout seconds that an idle container is kept
 * @param config settings that the function gets as environment variables, over those of its app
 * @param annotations key to compact JSON text, as stored
 * @param shape copied from the app at creation; may be empty
 */
@API(status = API.Status.STABLE, since = "0.1")
public record Fn(
    String id,
    String name,
    String appId,
    String image,
    long memory,
    int timeout,
    int idleTimeout,
    Map<String, String> config,
    Map<String, String> annotations,
    String shape,
    @Nullable Instant createdAt,
    @Nullable Instant updatedAt) {
  /** Seconds a call may take when its fn does not say. */
  public static final int DEFAULT_TIMEOUT = 30;

  /** Seconds an idle container is kept when its fn does not say. */
  public static final int DEFAULT_IDLE_TIMEOUT = 30;

  /** MiB a container gets when its fn does not say. */
  public static final int DEFAULT_MEMORY = 128;

  /** Copies the maps. */
  public Fn {
    config = Map.copyOf(config);
    annotations = Map.copyOf(annotations);
  }
}
