package dev.fncluster.runner.cgroup;

import java.util.List;
import java.util.Optional;

/**
 * A hierarchy of control groups as this process sees it.
 *
 * @param controllers what it controls; empty for version 2, where that differs by group
 * @param root the group that the mount shows at its top
 * @param mountPoint where it is mounted
 */
record CgroupMount(List<String> controllers, String root, String mountPoint) {
  private static final String END_OF_OPTIONAL_FIELDS = " - ";

  /** Whether this is the one hierarchy of version 2. */
  boolean isVersion2() {
    return controllers.isEmpty();
  }

  /** Whether groups in it have that controller, or may have. */
  boolean has(String controller) {
    return isVersion2() || controllers.contains(controller);
  }

  /** The path below the mount point of a group; empty when the mount does not show it. */
  Optional<String> below(String group) {
    String top = root.equals("/") ? "" : root;
    if (!group.equals(top) && !group.startsWith(top + "/")) {
      return Optional.empty();
    }
    String rest = group.substring(top.length());
    return Optional.of(rest.startsWith("/") ? rest.substring(1) : rest);
  }

  /** Reads a line of {@code /proc/self/mountinfo}; empty for another kind of mount. */
  static Optional<CgroupMount> parse(String line) {
    int end = line.indexOf(END_OF_OPTIONAL_FIELDS);
    if (end < 0) {
      return Optional.empty();
    }
    String[] mount = line.substring(0, end).split(" ", -1);
    String[] source = line.substring(end + END_OF_OPTIONAL_FIELDS.length()).split(" ", -1);
    if (mount.length < 5 || source.length < 3) {
      return Optional.empty();
    }
    String root = unescape(mount[3]);
    String mountPoint = unescape(mount[4]);
    return switch (source[0]) {
      case "cgroup2" -> Optional.of(new CgroupMount(List.of(), root, mountPoint));
      case "cgroup" ->
          Optional.of(new CgroupMount(List.of(source[2].split(",", -1)), root, mountPoint));
      default -> Optional.empty();
    };
  }

  // Blanks and the like are written as octal numbers there.
  private static String unescape(String text) {
    return text.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
