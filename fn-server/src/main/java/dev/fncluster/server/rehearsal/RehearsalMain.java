package dev.fncluster.server.rehearsal;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rehearses calls and ends: what a JVM runs that is to write a start-up cache for nodes. Its only
 * argument is for how many seconds.
 */
public final class RehearsalMain {
  private static final Logger log = LoggerFactory.getLogger(RehearsalMain.class);
  private static final int CONNECTIONS = 8;

  private RehearsalMain() {}

  /** Logs how many calls were answered. */
  public static void main(String[] args) throws Exception {
    Duration time = Duration.ofSeconds(Long.parseLong(args[0]));
    try (Rehearsal rehearsal = Rehearsal.start(true)) {
      log.atInfo().addKeyValue("calls", rehearsal.run(time, CONNECTIONS)).log("rehearsed");
    }
  }
}
