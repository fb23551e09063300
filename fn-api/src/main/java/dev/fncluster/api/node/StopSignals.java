package dev.fncluster.api.node;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * Listens for SIGTERM and SIGINT. The first asks for a stop, and interrupts whoever starts the node
 * until then; the second ends the process at once. The JVM's own shutdown hooks can't do that: they
 * run once and ignore later signals.
 *
 * <p>Thread-safe.
 */
final class StopSignals {
  private static final Logger log = LoggerFactory.getLogger(StopSignals.class);
  private static final int SIGNAL_EXIT_BASE = 128;

  private final CountDownLatch asked = new CountDownLatch(1);
  private final AtomicBoolean first = new AtomicBoolean(true);

  // Guarded by this.
  private @Nullable Thread starter;

  private StopSignals(Thread starter) {
    this.starter = starter;
  }

  /**
   * Listens from now on.
   *
   * @param starter is interrupted by the first signal, until {@link #started()}
   */
  static StopSignals listen(Thread starter) {
    StopSignals signals = new StopSignals(starter);
    for (String name : List.of("TERM", "INT")) {
      Signal.handle(new Signal(name), signals::received);
    }
    return signals;
  }

  /** The starter is at work no more: it will not be interrupted, and it isn't now. Its own call. */
  synchronized void started() {
    starter = null;
    boolean unused = Thread.interrupted();
  }

  /** Whether somebody has asked for a stop. */
  boolean isAsked() {
    return asked.getCount() == 0;
  }

  /** Waits, without a limit, until somebody asks for a stop. */
  void await() throws InterruptedException {
    asked.await();
  }

  private void received(Signal signal) {
    if (first.getAndSet(false)) {
      log.atInfo().addKeyValue("signal", signal.getName()).log("stopping");
      asked.countDown();
      interruptStarter();
    } else {
      Runtime.getRuntime().halt(SIGNAL_EXIT_BASE + signal.getNumber());
    }
  }

  private synchronized void interruptStarter() {
    if (starter != null) {
      starter.interrupt();
    }
  }
}
