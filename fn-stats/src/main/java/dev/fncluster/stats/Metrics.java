package dev.fncluster.stats;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All metrics of one node: its views, and what it says of its JVM and process.
 *
 * <p>Thread-safe. Close it when the node has stopped.
 */
public final class Metrics implements AutoCloseable {
  /** What this process is called in its metrics. */
  public static final String OWN = "fn";

  private final WindowClock clock = WindowClock.start(Clock.SYSTEM);
  private final PrometheusMeterRegistry meters;
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
  private final ExpositionFormatWriter text = PrometheusTextFormatWriter.create();
  private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
  private final PlainNamesWriter plainNames = new PlainNamesWriter();
  private final ProcFiles processes = new ProcFiles(Path.of("/proc"));
  private final MetricNames names;
  private final ViewRegistry views;

  /**
   * A page of metrics.
   *
   * @param contentType what it is
   * @param body must not be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // made to be written out, never compared
  public record Page(String contentType, byte[] body) {}

  private Metrics(MetricNames names, boolean exemplars) {
    this.names = names;
    this.meters =
        exemplars
            ? new PrometheusMeterRegistry(
                PrometheusConfig.DEFAULT, new PrometheusRegistry(), clock, Exemplars.SOURCE)
            : new PrometheusMeterRegistry(
                PrometheusConfig.DEFAULT, new PrometheusRegistry(), clock);
    // Labels are fixed by the code: a metric with two sets of them is a mistake to be found at
    // once.
    this.meters.throwExceptionOnRegistrationFailure();
    // In nanoseconds, and exported in seconds already.
    this.meters
        .config()
        .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"))
        .meterFilter(new TidyNames())
        .meterFilter(MeterFilter.renameTag("grpc", "statusCode", "status_code"))
        .meterFilter(MeterFilter.renameTag("grpc", "methodType", "method_type"));
    this.views = new ViewRegistry(meters, names);
  }

  /**
   * The metrics of a node.
   *
   * @param names how they are called
   * @param version of this program
   * @param more what else the node measures, such as its buffer allocator
   */
  public static Metrics create(MetricNames names, String version, MeterBinder... more) {
    return create(names, version, false, more);
  }

  /**
   * The metrics of a node.
   *
   * @param exemplars whether values that are recorded under {@link Exemplars} lead to their traces
   */
  public static Metrics create(
      MetricNames names, String version, boolean exemplars, MeterBinder... more) {
    Metrics metrics = new Metrics(names, exemplars);
    List<MeterBinder> own =
        List.of(
            new JvmInfoMetrics(),
            new JvmMemoryMetrics(),
            new JvmThreadMetrics(),
            metrics.garbageCollection,
            new ClassLoaderMetrics(),
            new ProcessorMetrics(),
            new FileDescriptorMetrics(),
            new UptimeMetrics());
    own.forEach(binder -> binder.bindTo(metrics.meters));
    for (MeterBinder binder : more) {
      binder.bindTo(metrics.meters);
    }
    metrics.registry().register(() -> buildInfo(version));
    String self = Long.toString(ProcessHandle.current().pid());
    metrics.registry().register(new ProcessCollector(OWN, () -> metrics.processes.use(self)));
    return metrics;
  }

  /**
   * What the names of a process' metrics begin with; that of this process is the same as that of
   * one called {@link #OWN}.
   */
  public static String prefixOf(String process) {
    return ProcessCollector.prefix(process);
  }

  /**
   * Also tells what another process of this machine uses, as long as there is one.
   *
   * @param name the base name of its command, such as {@code dockerd}; its {@link #prefixOf} must
   *     be another one than that of all others
   */
  public void watchProcess(String name) {
    registry().register(new ProcessCollector(name, new NamedProcess(processes, name)));
  }

  private PrometheusRegistry registry() {
    return meters.getPrometheusRegistry();
  }

  private static MetricSnapshot buildInfo(String version) {
    return InfoSnapshot.builder()
        .name(ViewRegistry.PREFIX + "build")
        .help("The version of this program")
        .dataPoint(
            InfoSnapshot.InfoDataPointSnapshot.builder()
                .labels(Labels.of("version", version))
                .build())
        .build();
  }

  /** Where views are registered and recorders come from; also the way to the meters. */
  public ViewRegistry views() {
    return views;
  }

  /**
   * The page for Prometheus: OpenMetrics for whom asks for it, except with {@link MetricNames#FN},
   * else Prometheus text.
   *
   * <p>Takes milliseconds with many metrics: not for an event loop.
   *
   * @param accept the request's {@code Accept} header, or null
   */
  public Page scrape(@Nullable String accept) {
    MetricSnapshots snapshots = registry().scrape();
    ByteArrayOutputStream out = new ByteArrayOutputStream(32 * 1024);
    try {
      return switch (names) {
        case FN -> {
          plainNames.write(out, snapshots, views.plainNames());
          yield new Page(text.getContentType(), out.toByteArray());
        }
        case PROMETHEUS -> {
          ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : text;
          writer.write(out, snapshots, EscapingScheme.UNDERSCORE_ESCAPING);
          yield new Page(writer.getContentType(), out.toByteArray());
        }
      };
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
  }

  /** Stops listening to the JVM, and the clock. */
  @Override
  public void close() {
    garbageCollection.close();
    meters.close();
    clock.close();
  }
}
