package dev.fncluster.api.node;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * Listens for SIGTERM and SIGINT. The first asks for a stop; the second ends the process at once.
 * The JVM's own shutdown hooks can't do that: they run once and ignore later signals.
 */
final class StopSignals {
  private static final Logger log = LoggerFactory.getLogger(StopSignals.class);
  private static final int SIGNAL_EXIT_BASE = 128;

  private final CountDownLatch asked = new CountDownLatch(1);
  private final AtomicBoolean first = new AtomicBoolean(true);

  /** Listens from now on. */
  static StopSignals listen() {
    StopSignals signals = new StopSignals();
    for (String name : List.of("TERM", "INT")) {
      Signal.handle(new Signal(name), signals::received);
    }
    return signals;
  }

  /** Waits, without a limit, until somebody asks for a stop. */
  void await() throws InterruptedException {
    asked.await();
  }

  private void received(Signal signal) {
    if (first.getAndSet(false)) {
      log.atInfo().addKeyValue("signal", signal.getName()).log("stopping");
      asked.countDown();
    } else {
      Runtime.getRuntime().halt(SIGNAL_EXIT_BASE + signal.getNumber());
    }
  }
}
