package dev.fncluster.api.model;

import java.time.Instant;
import java.util.Map;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * A way in to a fn.
 *
 * @param type the only one there is: {@value #TYPE_HTTP}
 * @param source for HTTP the path below {@code /t/<app name>}, with its leading slash
 * @param annotations key to compact JSON text, as stored
 */
@API(status = API.Status.STABLE, since = "0.1")
public record Trigger(
    String id,
    String name,
    String appId,
    String fnId,
    @Nullable Instant createdAt,
    @Nullable Instant updatedAt,
    String type,
    String source,
    Map<String, String> annotations) {
  /** The type of triggers that answer HTTP requests. */
  public static final String TYPE_HTTP = "http";

  /** Copies the map. */
  public Trigger {
    annotations = Map.copyOf(annotations);
  }
}
