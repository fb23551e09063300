package dev.fncluster.runnerpool;

import java.time.Duration;
import java.util.Map;
import org.apiguardian.api.API;

/**
 * How a runner does, as it says itself.
 *
 * @param active calls under way
 * @param requestsReceived calls that reached it since it started
 * @param requestsHandled calls whose session ended
 * @param coreDumps kernel crash dumps on its disk
 * @param failed whether its status image, or its health checker, failed
 * @param cached whether this repeats an earlier run of the status image
 * @param networkDisabled whether its containers get no network for now
 * @param id of the call that ran the status image; empty without one, as are the next ones
 * @param details what the status image answered
 * @param errorCode HTTP-like; 0 for none
 * @param errorText empty for none
 * @param createdAt when the status image was asked for, as text by the runner's clock
 * @param startedAt when it started
 * @param completedAt when it ended
 * @param custom what the embedding program of the runner reports
 */
@API(status = API.Status.STABLE, since = "0.1")
public record RunnerStatus(
    int active,
    long requestsReceived,
    long requestsHandled,
    long coreDumps,
    boolean failed,
    boolean cached,
    boolean networkDisabled,
    String id,
    String details,
    int errorCode,
    String errorText,
    String createdAt,
    String startedAt,
    String completedAt,
    Durations durations,
    Map<String, String> custom) {
  /**
   * How long the run of the status image took; zero where it did not say.
   *
   * @param scheduling from its creation to its start
   * @param execution from its start to its end
   * @param imagePullWait waiting for its image
   * @param containerPreparation preparing its container
   * @param containerCreation creating its container
   * @param initialisation from the start of its container until it could serve
   */
  public record Durations(
      Duration scheduling,
      Duration execution,
      Duration imagePullWait,
      Duration containerPreparation,
      Duration containerCreation,
      Duration initialisation) {}

  /** The status of a runner that has no status image: it works, and these are its counters. */
  public static RunnerStatus ofCounters(int active, long requestsReceived, long requestsHandled) {
    Durations none =
        new Durations(
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO);
    return new RunnerStatus(
        active,
        requestsReceived,
        requestsHandled,
        0,
        false,
        false,
        false,
        "",
        "",
        0,
        "",
        "",
        "",
        "",
        none,
        Map.of());
  }

  /** Copies the map. */
  public RunnerStatus {
    custom = Map.copyOf(custom);
  }
}
