package dev.fncluster.api.loop;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * The event loops of a node.
 *
 * @param count how many serve all its connections, at least 1
 * @param busyPoll how long an idle loop asks for work before it sleeps, where that pays; zero for
 *     never
 */
public record EventLoopSettings(int count, Duration busyPoll) {
  /** See {@link #count()}. */
  public static final Setting<Integer> COUNT =
      Setting.integer(
          "FN_EVENT_LOOPS",
          0,
          0,
          1024,
          "How many event loops serve the node's connections; 0 for one for every two processors.");

  /** See {@link #busyPoll()}. */
  public static final Setting<Integer> BUSY_POLL =
      Setting.integer(
          "FN_EVENT_LOOP_BUSY_POLL_MICROS",
          200,
          0,
          10_000,
          "How many microseconds an event loop without work goes on to ask for some before it"
              + " sleeps, as long as its waits are no longer than that; 0 for never. It takes a"
              + " processor that has nothing else to do. Never with a single processor or without"
              + " epoll.");

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    return List.of(COUNT, BUSY_POLL);
  }

  /**
   * Reads them.
   *
   * @throws dev.fncluster.api.settings.SettingException when one is wrong
   */
  public static EventLoopSettings from(Settings settings) {
    int count = settings.get(COUNT);
    return new EventLoopSettings(
        count == 0 ? EventLoops.defaultCount() : count,
        Runtime.getRuntime().availableProcessors() == 1
            ? Duration.ZERO
            : Duration.of(settings.get(BUSY_POLL), ChronoUnit.MICROS));
  }
}
