package dev.fncluster.runnerpool.pool;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks one runner again and again how it does, on a virtual thread, and says when it has become
 * healthy or is no more.
 */
final class HealthWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HealthWatch.class);

  private final Member member;
  private final HealthRules rules;
  private final BiConsumer<Member, Boolean> listener;
  private final CountDownLatch closing = new CountDownLatch(1);
  private int failures;

  private HealthWatch(Member member, HealthRules rules, BiConsumer<Member, Boolean> listener) {
    this.member = member;
    this.rules = rules;
    this.listener = listener;
  }

  /**
   * Begins to ask, at once.
   *
   * @param listener told of changes, on the thread of the watch
   */
  static HealthWatch start(Member member, HealthRules rules, BiConsumer<Member, Boolean> listener) {
    HealthWatch watch = new HealthWatch(member, rules, listener);
    if (rules.asks()) {
      Thread.ofVirtual().name("runner-health").start(watch::run);
    }
    return watch;
  }

  private void run() {
    try {
      do {
        ask();
      } while (!closing.await(
          rules.pause(failures, bound -> ThreadLocalRandom.current().nextLong(bound)).toMillis(),
          TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void ask() throws InterruptedException {
    String trouble;
    try {
      boolean failed =
          member
              .status()
              .toCompletableFuture()
              .get(rules.timeout().toMillis(), TimeUnit.MILLISECONDS)
              .failed();
      trouble = failed ? "its own check fails" : "";
    } catch (ExecutionException e) {
      trouble = String.valueOf(e.getCause() == null ? e : e.getCause().getMessage());
    } catch (RuntimeException e) {
      trouble = e.toString();
    } catch (TimeoutException e) {
      trouble = "no answer within " + rules.timeout().toMillis() + " ms";
    }
    if (closing.getCount() == 0) {
      return;
    }
    if (trouble.isEmpty()) {
      succeeded();
    } else {
      failed(trouble);
    }
  }

  private void succeeded() {
    failures = 0;
    if (!member.isHealthy()) {
      log.atInfo().addKeyValue("runner", member.address()).log("runner gets calls from now on");
      listener.accept(member, true);
    }
  }

  private void failed(String trouble) {
    failures++;
    if (failures == rules.ejectAfter()) {
      log.atWarn()
          .addKeyValue("runner", member.address())
          .addKeyValue("failures", failures)
          .addKeyValue("why", trouble)
          .log("runner gets no calls until it says that it is well");
      if (member.isHealthy()) {
        listener.accept(member, false);
      }
    }
  }

  /** Asks no more, and tells nothing any more. Idempotent. */
  @Override
  public void close() {
    closing.countDown();
  }
}
