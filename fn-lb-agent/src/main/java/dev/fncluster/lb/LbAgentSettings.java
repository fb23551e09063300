package dev.fncluster.lb;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.placer.PlacerSettings;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What the load balancer's agent is told.
 *
 * @param detachedPlacerTimeout how long a runner is looked for a detached call
 * @param executionHeadroom what a detached call may take over that and its fn's timeout
 * @param requestIdHeader the request header that holds the client's request id; empty for none
 */
public record LbAgentSettings(
    Duration detachedPlacerTimeout, Duration executionHeadroom, String requestIdHeader) {
  /** See {@link #executionHeadroom()}. */
  public static final Setting<Duration> EXECUTION_HEADROOM =
      Setting.millis(
          "FN_EXECUTION_HEADROOM",
          Duration.ofSeconds(360),
          "What a detached call may take beyond the time to place it and its function's timeout.");

  /** See {@link #requestIdHeader()}. */
  public static final Setting<String> REQUEST_ID_HEADER =
      Setting.text(
          "FN_RID_HEADER",
          "",
          "The request header with the id by which a client knows its request; where it sends none,"
              + " or what can't be one (256 printable characters at most), that is the id of the call."
              + " It is in the logs of the node and of the runner as fn_request_id. Empty for no such"
              + " ids.");

  /** Checks that nothing is missing. */
  public LbAgentSettings {
    Objects.requireNonNull(detachedPlacerTimeout, "detachedPlacerTimeout");
    Objects.requireNonNull(executionHeadroom, "executionHeadroom");
    requestIdHeader = requestIdHeader.strip();
  }

  /** All settings of this record that no other record declares. */
  public static List<Setting<?>> all() {
    return List.of(EXECUTION_HEADROOM, REQUEST_ID_HEADER);
  }

  /** What holds when nothing is set. */
  public static LbAgentSettings defaults() {
    return new LbAgentSettings(
        PlacerSettings.DETACHED_TIMEOUT.defaultValue(),
        EXECUTION_HEADROOM.defaultValue(),
        REQUEST_ID_HEADER.defaultValue());
  }

  /** Reads them. */
  public static LbAgentSettings from(Settings settings) {
    return new LbAgentSettings(
        settings.get(PlacerSettings.DETACHED_TIMEOUT),
        settings.get(EXECUTION_HEADROOM),
        settings.get(REQUEST_ID_HEADER));
  }
}
