package dev.fncluster.runner;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.container.SocketDirectories;
import java.time.Duration;
import java.util.List;

/**
 * How the runner agent treats calls and containers.
 *
 * @param freezeDelay after how much idleness a container is frozen; {@link Setting#UNLIMITED} for
 *     never
 * @param hotPoll how often waiting calls are looked at again
 * @param pullTimeout the longest pull of an image
 * @param startTimeout from the start of a container until its socket is ready
 * @param maxResponseSize bytes of a function's answer; 0 for no limit
 * @param maxResponseHeaderSize bytes of the headers of a function's answer, at least 1
 * @param maxTotalMemory bytes for all containers together; 0 for what the machine has
 * @param maxTotalCpus thousandths of a CPU for all containers together; 0 for what the machine has
 * @param refuseWhenFull whether a call that finds no room is refused at once instead of waiting
 * @param maxConcurrentStarts containers being started at the same time, at least 1
 * @param maxQueuedCalls calls that may wait for the same kind of container
 * @param sockets where and how socket directories are made
 * @param launcherTimeout how long what is known of a function that nobody calls is kept
 * @param detachedCalls whether detached calls are taken
 */
public record RunnerSettings(
    Duration freezeDelay,
    Duration hotPoll,
    Duration pullTimeout,
    Duration startTimeout,
    long maxResponseSize,
    int maxResponseHeaderSize,
    long maxTotalMemory,
    int maxTotalCpus,
    boolean refuseWhenFull,
    int maxConcurrentStarts,
    int maxQueuedCalls,
    SocketDirectories.Options sockets,
    Duration launcherTimeout,
    boolean detachedCalls) {
  static final Setting<Duration> FN_FREEZE_IDLE_MSECS =
      Setting.millis(
          "FN_FREEZE_IDLE_MSECS",
          Duration.ofMillis(50),
          "After how much idleness a container is frozen; 0: at once; negative: never.");
  static final Setting<Duration> FN_HOT_POLL_MSECS =
      Setting.millis(
          "FN_HOT_POLL_MSECS",
          Duration.ofMillis(200),
          "How often calls that wait for a container are looked at again; at least 1.");
  static final Setting<Duration> FN_HOT_PULL_TIMEOUT_MSECS =
      Setting.millis(
          "FN_HOT_PULL_TIMEOUT_MSECS", Duration.ofMinutes(10), "The longest pull of an image.");
  static final Setting<Duration> FN_HOT_START_TIMEOUT_MSECS =
      Setting.millis(
          "FN_HOT_START_TIMEOUT_MSECS",
          Duration.ofSeconds(5),
          "How long a started container may take to listen on its socket.");
  static final Setting<Long> FN_MAX_RESPONSE_SIZE =
      Setting.number(
              "FN_MAX_RESPONSE_SIZE",
              0,
              0,
              "The longest answer of a function in bytes; 0: no limit. With up to 8 MiB, one that does"
                  + " not tell its length and comes quickly is sent on when it is whole.")
          .emptyIsDefault();
  static final Setting<Integer> FN_MAX_HDR_RESPONSE_SIZE =
      Setting.integer(
              "FN_MAX_HDR_RESPONSE_SIZE",
              0,
              0,
              Integer.MAX_VALUE,
              "The most header bytes in a function's answer; 0: 10 MiB.")
          .emptyIsDefault();
  static final Setting<Long> FN_MAX_TOTAL_MEMORY_BYTES =
      Setting.number(
              "FN_MAX_TOTAL_MEMORY_BYTES",
              0,
              0,
              "The memory for all containers together; 0: what the machine has.")
          .emptyIsDefault();
  static final Setting<Integer> FN_MAX_TOTAL_CPU_MCPUS =
      Setting.integer(
              "FN_MAX_TOTAL_CPU_MCPUS",
              0,
              0,
              Integer.MAX_VALUE,
              "Thousandths of a CPU for all containers together; 0: what the machine has.")
          .emptyIsDefault();
  static final Setting<Boolean> FN_ENABLE_NB_RESOURCE_TRACKER =
      Setting.bool(
          "FN_ENABLE_NB_RESOURCE_TRACKER",
          true,
          "Refuse a call that finds no room and would wait for too long, so that another runner gets"
              + " it; false, the default of other Fn servers: let it wait.");
  static final Setting<Integer> FN_MAX_CONCURRENT_STARTS =
      Setting.integer(
          "FN_MAX_CONCURRENT_STARTS",
          0,
          0,
          1000,
          "Containers being started at the same time; 0: one for every processor, at least 2.");
  static final Setting<Integer> FN_MAX_QUEUED_CALLS =
      Setting.integer(
          "FN_MAX_QUEUED_CALLS",
          1000,
          0,
          1_000_000,
          "Calls that may wait for a container of the same slot hash before others are refused.");
  static final Setting<String> FN_IOFS_PATH =
      Setting.text(
          "FN_IOFS_PATH",
          "",
          "Where the directories of function sockets are made; empty: the temporary directory.");
  static final Setting<String> FN_IOFS_DOCKER_PATH =
      Setting.text(
          "FN_IOFS_DOCKER_PATH",
          "",
          "FN_IOFS_PATH as the Docker engine sees it, when the runner is in a container itself.");
  static final Setting<Boolean> FN_IOFS_TMPFS =
      Setting.bool(
          "FN_IOFS_TMPFS",
          false,
          "Mount a file system in memory on the directory of each function's socket; the runner"
              + " needs the right to mount, and the engine must see its mounts.");
  static final Setting<String> FN_IOFS_OPTS =
      Setting.text("FN_IOFS_OPTS", "", "Mount options for FN_IOFS_TMPFS, such as size=1m.");
  static final Setting<Duration> FN_HOT_LAUNCHER_TIMEOUT_MSECS =
      Setting.millis(
          "FN_HOT_LAUNCHER_TIMEOUT_MSECS",
          Duration.ofMinutes(60),
          "How long the queue of a function without containers is kept when nobody calls it.");
  static final Setting<Boolean> FN_ENABLE_DETACHED =
      Setting.bool(
          "FN_ENABLE_DETACHED",
          true,
          "Whether a pure runner takes detached calls, whose callers don't wait for the answer.");

  private static final int DEFAULT_HEADER_SIZE = 10 * 1024 * 1024;

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    return List.of(
        FN_FREEZE_IDLE_MSECS,
        FN_HOT_POLL_MSECS,
        FN_HOT_PULL_TIMEOUT_MSECS,
        FN_HOT_START_TIMEOUT_MSECS,
        FN_MAX_RESPONSE_SIZE,
        FN_MAX_HDR_RESPONSE_SIZE,
        FN_MAX_TOTAL_MEMORY_BYTES,
        FN_MAX_TOTAL_CPU_MCPUS,
        FN_ENABLE_NB_RESOURCE_TRACKER,
        FN_MAX_CONCURRENT_STARTS,
        FN_MAX_QUEUED_CALLS,
        FN_IOFS_PATH,
        FN_IOFS_DOCKER_PATH,
        FN_IOFS_TMPFS,
        FN_IOFS_OPTS,
        FN_HOT_LAUNCHER_TIMEOUT_MSECS,
        FN_ENABLE_DETACHED);
  }

  /** Reads the settings. */
  public static RunnerSettings from(Settings s) {
    int headerSize = s.get(FN_MAX_HDR_RESPONSE_SIZE);
    int starts = s.get(FN_MAX_CONCURRENT_STARTS);
    Duration poll = s.get(FN_HOT_POLL_MSECS);
    return new RunnerSettings(
        s.get(FN_FREEZE_IDLE_MSECS),
        poll.toMillis() < 1 ? Duration.ofMillis(1) : poll,
        s.get(FN_HOT_PULL_TIMEOUT_MSECS),
        s.get(FN_HOT_START_TIMEOUT_MSECS),
        s.get(FN_MAX_RESPONSE_SIZE),
        headerSize == 0 ? DEFAULT_HEADER_SIZE : headerSize,
        s.get(FN_MAX_TOTAL_MEMORY_BYTES),
        s.get(FN_MAX_TOTAL_CPU_MCPUS),
        s.get(FN_ENABLE_NB_RESOURCE_TRACKER),
        starts == 0 ? Math.max(2, Runtime.getRuntime().availableProcessors()) : starts,
        s.get(FN_MAX_QUEUED_CALLS),
        new SocketDirectories.Options(
            s.get(FN_IOFS_PATH),
            s.get(FN_IOFS_DOCKER_PATH),
            s.get(FN_IOFS_TMPFS),
            s.get(FN_IOFS_OPTS)),
        s.get(FN_HOT_LAUNCHER_TIMEOUT_MSECS),
        s.get(FN_ENABLE_DETACHED));
  }
}
