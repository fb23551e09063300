package dev.fncluster.runner.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control groups of this machine, as far as this process sees them. Reads files below a root
 * directory that tests may choose. Blocks shortly; thread-safe.
 */
public final class Cgroups {
  private static final Logger log = LoggerFactory.getLogger(Cgroups.class);

  private final Path root;
  private final List<CgroupMount> mounts;

  private Cgroups(Path root, List<CgroupMount> mounts) {
    this.root = root;
    this.mounts = mounts;
  }

  /** Looks below {@code root}, normally {@code /}, for what is mounted there now. */
  public static Cgroups in(Path root) {
    List<CgroupMount> mounts = new ArrayList<>();
    for (String line : lines(root.resolve("proc/self/mountinfo"))) {
      CgroupMount.parse(line).ifPresent(mounts::add);
    }
    return new Cgroups(root, List.copyOf(mounts));
  }

  /** Control groups that this process does not see. */
  public static Cgroups none() {
    return new Cgroups(Path.of("/"), List.of());
  }

  /** Whether there is nothing to be found here. */
  public boolean isEmpty() {
    return mounts.isEmpty();
  }

  /**
   * The directories of the group that limits this process in {@code controller}, and of those above
   * it, innermost first. Version 1 where the controller is found there, else version 2; empty when
   * there is neither.
   */
  public List<Path> own(String controller) {
    return group("self", controller)
        .map(directory -> {
          List<Path> upwards = new ArrayList<>();
          Path top = mountPoint(directory.mount());
          for (Path each = directory.path();
              each != null && each.startsWith(top);
              each = each.getParent()) {
            upwards.add(each);
          }
          return List.copyOf(upwards);
        })
        .orElse(List.of());
  }

  /**
   * What freezes the container {@code id} by its control group.
   *
   * @param id the engine's own long id, which is part of the group's name
   * @return empty when its group is not found by name, or can't be written to
   */
  public Optional<CgroupFreezer> freezer(String id) {
    for (CgroupMount mount : mounts) {
      if (mount.has(CgroupFreezer.CONTROLLER)) {
        for (String group : usualGroups(id)) {
          Optional<CgroupFreezer> found = freezer(mountPoint(mount).resolve(group), mount);
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }

  /**
   * As {@link #freezer(String)}, for engines that put their containers elsewhere: by a process of
   * the container. What another process of that number, in a world of its own, belongs to is not
   * taken for the container's group.
   */
  public Optional<CgroupFreezer> freezer(String id, long pid) {
    return group(Long.toString(pid), CgroupFreezer.CONTROLLER)
        .flatMap(found -> {
          // Processes may have been moved to groups below the container's own.
          Path top = mountPoint(found.mount());
          Path own = null;
          for (Path each = found.path();
              each != null && each.startsWith(top);
              each = each.getParent()) {
            Path name = each.getFileName();
            if (name != null && name.toString().contains(id)) {
              own = each;
            }
          }
          return own == null ? Optional.empty() : freezer(own, found.mount());
        });
  }

  private static List<String> usualGroups(String id) {
    return List.of("docker/" + id, "system.slice/docker-" + id + ".scope");
  }

  private Optional<CgroupFreezer> freezer(Path directory, CgroupMount mount) {
    return mount.isVersion2()
        ? CgroupFreezer.version2(directory)
        : CgroupFreezer.version1(directory);
  }

  private record Group(CgroupMount mount, Path path) {}

  private Optional<Group> group(String process, String controller) {
    List<String> memberships = lines(root.resolve("proc").resolve(process).resolve("cgroup"));
    return membership(memberships, controller)
        .flatMap(group -> directory(group, controller, false))
        .or(() -> membership(memberships, "").flatMap(group -> directory(group, controller, true)));
  }

  /** The path in the line of one hierarchy; version 2 is the one without controllers. */
  private static Optional<String> membership(List<String> lines, String controller) {
    for (String line : lines) {
      String[] parts = line.split(":", 3);
      if (parts.length == 3 && List.of(parts[1].split(",", -1)).contains(controller)) {
        return Optional.of(parts[2]);
      }
    }
    return Optional.empty();
  }

  private Optional<Group> directory(String group, String controller, boolean version2) {
    for (CgroupMount mount : mounts) {
      if (mount.isVersion2() == version2 && mount.has(controller)) {
        Path top = mountPoint(mount);
        Path found = mount.below(group).map(top::resolve).orElse(top);
        // In a container the path may be the host's while the mount begins at the container.
        return Optional.of(new Group(mount, Files.isDirectory(found) ? found : top));
      }
    }
    return Optional.empty();
  }

  private Path mountPoint(CgroupMount mount) {
    return root.resolve(mount.mountPoint().substring(1));
  }

  private static List<String> lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      // A process that has just ended, most often.
      log.atDebug().addKeyValue("file", file).setCause(e).log("Can't be read, ignored");
      return List.of();
    }
  }
}
