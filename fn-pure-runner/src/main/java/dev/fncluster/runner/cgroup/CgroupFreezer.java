package dev.fncluster.runner.cgroup;

import dev.fncluster.runner.driver.Freezer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Freezes the processes in a control group, and in those below it. Costs a few milliseconds, where
 * asking the engine costs ten times as much.
 */
public final class CgroupFreezer implements Freezer {
  static final String CONTROLLER = "freezer";

  private static final int ATTEMPTS = 5;

  private final Path control;
  private final String frozen;
  private final String thawed;

  private CgroupFreezer(Path control, String frozen, String thawed) {
    this.control = control;
    this.frozen = frozen;
    this.thawed = thawed;
  }

  /** For a group of version 1; empty if there is no such group or it can't be written to. */
  static Optional<CgroupFreezer> version1(Path group) {
    return at(group.resolve("freezer.state"), "FROZEN", "THAWED");
  }

  /** For a group of version 2; empty if there is no such group or it can't be written to. */
  static Optional<CgroupFreezer> version2(Path group) {
    return at(group.resolve("cgroup.freeze"), "1", "0");
  }

  private static Optional<CgroupFreezer> at(Path control, String frozen, String thawed) {
    return Files.isWritable(control)
        ? Optional.of(new CgroupFreezer(control, frozen, thawed))
        : Optional.empty();
  }

  @Override
  public void freeze() throws IOException {
    // Version 1 says FREEZING while some process is in the kernel, or was made meanwhile, and may
    // have to be told again. If they don't settle they will halt later: no reason to wait for them.
    write(frozen);
    for (int attempt = 1; attempt < ATTEMPTS && !read().equals(frozen); attempt++) {
      write(frozen);
    }
  }

  @Override
  public void thaw() throws IOException {
    write(thawed);
  }

  /** Whether the group is frozen, or about to be. Blocks shortly. */
  public boolean isFrozen() throws IOException {
    return !read().equals(thawed);
  }

  private String read() throws IOException {
    return Files.readString(control).strip();
  }

  private void write(String state) throws IOException {
    // Neither made nor cut to size: a group that has gone must not come back as a plain file.
    Files.writeString(control, state, StandardOpenOption.WRITE);
  }
}
