package dev.fncluster.stats;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * A process known by its command: looked for when it is asked after, and again when it is another
 * one than before. Thread-safe.
 */
final class NamedProcess implements Supplier<Optional<ProcessUse>> {
  private final ProcFiles processes;
  private final String name;
  private volatile String pid = "";

  NamedProcess(ProcFiles processes, String name) {
    this.processes = processes;
    this.name = name;
  }

  @Override
  public Optional<ProcessUse> get() {
    String known = pid;
    if (known.isEmpty() || !processes.isNamed(known, name)) {
      known = processes.find(name).orElse("");
      pid = known;
    }
    return known.isEmpty() ? Optional.empty() : processes.use(known);
  }
}
