package dev.fncluster.api.node;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A program with a node that behaves as its first argument says. */
final class TestNode implements Node {
  private static final Logger log = LoggerFactory.getLogger(TestNode.class);

  private final String behaviour;

  private TestNode(String behaviour) {
    this.behaviour = behaviour;
  }

  public static void main(String[] args) {
    NodeMain.run(
        "fn-test",
        Arrays.copyOfRange(args, 1, args.length),
        context -> new TestNode(args[0]),
        List.of());
  }

  @Override
  public String name() {
    return "test";
  }

  @Override
  public void start() throws NodeStartException, InterruptedException {
    log.atInfo().addKeyValue("call_id", "c1").log("two\nlines");
    LoggerFactory.getLogger("io.netty.test").info("chatter");
    java.util.logging.Logger.getLogger("test").warning("from java.util.logging");
    switch (behaviour) {
      case "refuses" -> throw new NodeStartException("the engine does not answer; start it");
      case "waits" -> {
        log.info("waits for somebody");
        new CountDownLatch(1).await();
      }
      case "breaks" -> throw new IllegalStateException("a bug");
      case "lacks" -> {
        // What keeps a process alive that is not told to end.
        Thread unused = Thread.ofPlatform().daemon(false).start(TestNode::hang);
        throw new NoClassDefFoundError("org/example/Missing");
      }
      default -> log.debug("well");
    }
  }

  @Override
  public void stop(Duration grace) {
    log.info("stop with {}", grace);
    switch (behaviour) {
      case "hangs" -> hang();
      case "stumbles" -> throw new IllegalStateException("a bug");
      default -> log.debug("well");
    }
  }

  private static void hang() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
