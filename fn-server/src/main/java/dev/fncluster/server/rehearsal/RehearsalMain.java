package dev.fncluster.server.rehearsal;

import java.time.Duration;

/**
 * Rehearses calls and ends: what a JVM runs that is to write a start-up cache for nodes. Its only
 * argument is for how many seconds.
 */
public final class RehearsalMain {
  private static final int CONNECTIONS = 8;

  private RehearsalMain() {}

  /** Prints how many calls were answered. */
  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    Duration time = Duration.ofSeconds(Long.parseLong(args[0]));
    try (Rehearsal rehearsal = Rehearsal.start(true)) {
      System.out.println(rehearsal.run(time, CONNECTIONS) + " calls answered");
    }
  }
}
