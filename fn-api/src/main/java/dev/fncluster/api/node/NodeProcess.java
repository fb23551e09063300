package dev.fncluster.api.node;

import dev.fncluster.api.settings.KnownSettings;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.trace.Tracing;
import dev.fncluster.stats.Metrics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.binder.netty4.NettyAllocatorMetrics;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.internal.PlatformDependent;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The life of one node in its process, from settings to the end. */
final class NodeProcess {
  private static final Logger log = LoggerFactory.getLogger(NodeProcess.class);

  /** How much longer than its grace a stop may take: containers are removed after the last call. */
  private static final Duration CLEAN_UP = Duration.ofSeconds(30);

  private static final String LEAK_DETECTION = "io.netty.leakDetection.level";

  private final Function<Settings, String> serviceName;
  private final NodeFactory factory;
  private final KnownSettings known;
  private final Settings settings;
  private final BuildInfo build;

  /**
   * The process of a node.
   *
   * @param serviceName what it is called in traces when the operator says no name
   */
  NodeProcess(
      Function<Settings, String> serviceName,
      NodeFactory factory,
      KnownSettings known,
      Settings settings,
      BuildInfo build) {
    this.serviceName = serviceName;
    this.factory = factory;
    this.known = known;
    this.settings = settings;
    this.build = build;
  }

  /**
   * Runs until a signal asks for the end.
   *
   * @return the exit code
   * @throws Exception when the node can't start
   */
  int run() throws Exception {
    NodeSettings own = NodeSettings.from(settings);
    Optional<Logging> logging = Logging.configure(own.logging());
    // Not before there is a log: Netty begins to write to it.
    quietLeakDetector();
    tellIfBuffersAreSlow();
    Thread.setDefaultUncaughtExceptionHandler((thread, failure) ->
        log.atError().addKeyValue("thread", thread.getName()).setCause(failure).log("uncaught"));
    try (Tracing tracing =
            Tracing.start(own.tracing(), serviceName.apply(settings), build.version());
        Metrics metrics = Metrics.create(own.metricNames(), build.version(), tracing.isOn())) {
      bind(metrics, logging);
      tracing.export(metrics.views().meters());
      own.watchedProcesses().forEach(metrics::watchProcess);
      known.warnings(settings).forEach(log::warn);
      StopSignals signals = StopSignals.listen(Thread.currentThread());
      NodeContext context = new NodeContext(settings, build, metrics, tracing);
      Optional<Node> node = start(context, own.shutdownTimeout(), signals);
      if (node.isEmpty()) {
        return 0;
      }
      signals.await();
      return stop(node.get(), own.shutdownTimeout()) ? 0 : 1;
    } catch (Throwable e) {
      // Errors too: a jar made for another version fails to link here.
      if (!Failures.isExpected(e)) {
        log.error("can't start", e);
      }
      throw e;
    } finally {
      logging.ifPresent(Logging::close);
    }
  }

  // Netty's sampling of buffers for leaks takes stack traces, which measured 4 % of a busy node. It
  // is for tests and for whoever hunts a leak and asks for it.
  private static void quietLeakDetector() {
    if (System.getProperty(LEAK_DETECTION) == null) {
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }
  }

  private static void tellIfBuffersAreSlow() {
    if (!PlatformDependent.hasUnsafe()) {
      log.info("Netty is some percent faster with java --sun-misc-unsafe-memory-access=allow");
    }
  }

  private static void bind(Metrics metrics, Optional<Logging> logging) {
    if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider allocator) {
      new NettyAllocatorMetrics(allocator).bindTo(metrics.views().meters());
    }
    logging.ifPresent(it ->
        FunctionCounter.builder("fn_log_lines_dropped", it, Logging::dropped)
            .description("Log lines that were lost because the log was too slow")
            .register(metrics.views().meters()));
  }

  /** Starts the node; empty when a signal has asked for the end before it was ready. */
  private Optional<Node> start(NodeContext context, Duration grace, StopSignals signals)
      throws Exception {
    long begun = System.nanoTime();
    Node node;
    try {
      node = start(context, signals);
    } catch (Exception e) {
      if (!signals.isAsked()) {
        throw e;
      }
      log.atInfo().addKeyValue("reason", Failures.line(e)).log("stopped before it was ready");
      return Optional.empty();
    } finally {
      signals.started();
    }
    log.atInfo()
        .addKeyValue("node", node.name())
        .addKeyValue("version", build.version())
        .addKeyValue("start_millis", Duration.ofNanos(System.nanoTime() - begun).toMillis())
        .addKeyValue("shutdown_timeout", grace)
        .log("ready");
    return Optional.of(node);
  }

  private Node start(NodeContext context, StopSignals signals) throws Exception {
    Node node = factory.create(context);
    boolean started = false;
    try {
      node.start();
      started = true;
      return node;
    } finally {
      signals.started();
      if (!started) {
        stop(node, Duration.ZERO);
      }
    }
  }

  /**
   * Stops the node on a thread of its own, so that a stop that hangs can be left behind.
   *
   * @return whether it did
   */
  private static boolean stop(Node node, Duration grace) throws InterruptedException {
    AtomicBoolean failed = new AtomicBoolean();
    Thread stopper =
        Thread.ofPlatform()
            .name("stopper")
            .daemon()
            .start(() -> {
              try {
                node.stop(grace);
              } catch (Throwable e) {
                failed.set(true);
                log.error("the stop failed", e);
              }
            });
    if (!stopper.join(grace.plus(CLEAN_UP))) {
      log.atError().addKeyValue("node", node.name()).log("did not stop in time; ending it");
      return false;
    }
    log.atInfo().addKeyValue("node", node.name()).log("stopped");
    return !failed.get();
  }
}
