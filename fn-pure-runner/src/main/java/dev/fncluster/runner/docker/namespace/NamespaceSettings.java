package dev.fncluster.runner.docker.namespace;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import java.util.List;
import java.util.Optional;

/**
 * How many network namespaces are kept ready, and of what.
 *
 * @param size how many there are, in use or not; empty for as many as suit
 * @param image of the containers that hold them; empty for one of our own, which needs no registry
 * @param command what such a container of another image runs, until it is killed
 * @param useOnce whether a namespace that a function has used is replaced
 * @param networks over which namespaces are spread; empty for those of the functions' containers
 */
public record NamespaceSettings(
    Optional<Integer> size,
    Optional<String> image,
    List<String> command,
    boolean useOnce,
    List<String> networks) {
  /** So many there are where nobody says otherwise; each takes about 10 MiB of the machine. */
  static final int USUAL_SIZE = 8;

  static final Setting<Optional<Integer>> FN_EXPERIMENTAL_PREFORK_POOL_SIZE =
      Setting.optionalInteger(
          "FN_EXPERIMENTAL_PREFORK_POOL_SIZE",
          0,
          1024,
          "Network namespaces that are ready for containers to join, which start much quicker then;"
              + " each is a container of its own. 0: none. When not set, "
              + USUAL_SIZE
              + ", or none with FN_DOCKER_RUNTIME or without FN_CONTAINER_LABEL_TAG.");
  static final Setting<Optional<String>> FN_EXPERIMENTAL_PREFORK_IMAGE =
      Setting.optionalText(
          "FN_EXPERIMENTAL_PREFORK_IMAGE",
          "The image of these containers; when not set, one that the runner makes itself. One that"
              + " is set must be on the engine.");
  static final Setting<String> FN_EXPERIMENTAL_PREFORK_CMD =
      Setting.text(
          "FN_EXPERIMENTAL_PREFORK_CMD",
          "tail -f /dev/null",
          "What a container of FN_EXPERIMENTAL_PREFORK_IMAGE runs, in words between blanks.");
  static final Setting<Boolean> FN_EXPERIMENTAL_PREFORK_USE_ONCE =
      Setting.bool(
              "FN_EXPERIMENTAL_PREFORK_USE_ONCE",
              false,
              "Give no two functions' containers the same network namespace, one after the other.")
          .emptyIsDefault();
  static final Setting<List<String>> FN_EXPERIMENTAL_PREFORK_NETWORKS =
      Setting.list(
          "FN_EXPERIMENTAL_PREFORK_NETWORKS",
          "\\s+",
          "Docker networks over which the namespaces are spread; those of FN_DOCKER_NETWORKS when"
              + " not set.");

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    return List.of(
        FN_EXPERIMENTAL_PREFORK_POOL_SIZE,
        FN_EXPERIMENTAL_PREFORK_IMAGE,
        FN_EXPERIMENTAL_PREFORK_CMD,
        FN_EXPERIMENTAL_PREFORK_USE_ONCE,
        FN_EXPERIMENTAL_PREFORK_NETWORKS);
  }

  /** Reads the settings. */
  public static NamespaceSettings from(Settings s) {
    return new NamespaceSettings(
        s.get(FN_EXPERIMENTAL_PREFORK_POOL_SIZE),
        s.get(FN_EXPERIMENTAL_PREFORK_IMAGE),
        List.of(s.get(FN_EXPERIMENTAL_PREFORK_CMD).strip().split("\\s+")),
        s.get(FN_EXPERIMENTAL_PREFORK_USE_ONCE),
        s.get(FN_EXPERIMENTAL_PREFORK_NETWORKS));
  }

  /**
   * How many there are to be.
   *
   * @param tagged whether what a runner leaves behind when it is killed is found again by its label
   * @param usualRuntime whether functions run under the engine's own runtime; others may not let a
   *     container into the namespace of another
   */
  public int sizeFor(boolean tagged, boolean usualRuntime) {
    return size.orElse(tagged && usualRuntime ? USUAL_SIZE : 0);
  }
}
