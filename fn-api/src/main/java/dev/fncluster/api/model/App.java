package dev.fncluster.api.model;

import java.time.Instant;
import java.util.Map;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * An application: a name, and the configuration that its fns share.
 *
 * @param config settings that its functions get as environment variables
 * @param annotations key to compact JSON text, as stored
 * @param syslogUrl where the engine sends its functions' logs; null for nowhere
 * @param shape the processor kinds its images are built for; may be empty
 */
@API(status = API.Status.STABLE, since = "0.1")
public record App(
    String id,
    String name,
    Map<String, String> config,
    Map<String, String> annotations,
    @Nullable String syslogUrl,
    String shape,
    @Nullable Instant createdAt,
    @Nullable Instant updatedAt) {
  /** Copies the maps. */
  public App {
    config = Map.copyOf(config);
    annotations = Map.copyOf(annotations);
  }
}
