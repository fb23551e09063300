package dev.fncluster.stats;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Turns views into meters. A node registers its views once, at start; call sites then ask for a
 * {@link Recorder} of a measure and hold on to it: looking one up costs, recording does not.
 *
 * <p>Example: a view {@code api/latency} with columns {@code method} and {@code path} becomes the
 * histogram {@code fn_api_latency}. {@code recorder(LATENCY, "path", "/t", "shoe", "9")} records
 * into its row {@code {method="",path="/t"}}: {@code shoe} is no column, and a column without a tag
 * is empty. So all rows of a metric have the same labels, as Prometheus demands.
 *
 * <p>A measure that no registered view looks at has a recorder that does nothing: which views there
 * are is the choice of each node. A recorder does not learn of later views, so a view that comes
 * after a recorder of its measure is refused.
 *
 * <p>What becomes of a view:
 *
 * <ul>
 *   <li>Count and Sum: a counter. A Sum that also falls is recorded by an {@link UpDownGauge}, and
 *       a gauge.
 *   <li>LastValue: a gauge; with {@link MetricNames#PROMETHEUS}, without {@code _count} at its end.
 *   <li>Distribution: a histogram. A value that equals a bound belongs to that bound's bucket. With
 *       {@link MetricNames#FN}, one that is not in {@code ms} also has the bucket of zeros.
 *   <li>With {@link MetricNames#PROMETHEUS}, a distribution in {@code ms} whose name ends in {@code
 *       _duration_seconds} is converted to seconds, bounds and all.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class ViewRegistry implements Recorders {
  /** What stands before the name of every view when it is exported. */
  public static final String PREFIX = "fn_";

  private static final String TOTAL = "_total";
  private static final String COUNT = "_count";
  private static final String GREATEST = "_max";
  private static final String MILLIS = "ms";
  private static final double NANOS_PER_MILLI = 1_000_000;

  /** The bound of the bucket of zeros: the meters take none of 0, and round values up. */
  static final double ZEROS = 1e-9;

  private final MeterRegistry meters;
  private final MetricNames names;
  private final Map<String, List<View>> viewsByMeasure = new ConcurrentHashMap<>();
  private final Set<String> registered = ConcurrentHashMap.newKeySet();
  private final Set<String> asked = ConcurrentHashMap.newKeySet();
  private final Map<Row, AtomicLong> lastValues = new ConcurrentHashMap<>();
  private final Map<Row, UpDownGauge> upDowns = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> upDownKeys = new ConcurrentHashMap<>();
  private final Map<String, String> plainNames = new ConcurrentHashMap<>();

  /** One line of a metric. */
  private record Row(String name, Tags tags) {}

  /** A registry whose meters are those of {@code meters}, named as Prometheus asks for. */
  public ViewRegistry(MeterRegistry meters) {
    this(meters, MetricNames.PROMETHEUS);
  }

  /** A registry whose meters are those of {@code meters}. */
  public ViewRegistry(MeterRegistry meters, MetricNames names) {
    this.meters = meters;
    this.names = names;
  }

  /** Where the meters live. */
  public MeterRegistry meters() {
    return meters;
  }

  /**
   * Has the measures of {@code views} recorded from now on.
   *
   * @throws IllegalArgumentException when a view of that name is there already
   * @throws IllegalStateException when somebody has asked for a recorder of its measure before,
   *     which would never record into the view
   */
  public void register(List<View> views) {
    for (View view : views) {
      String name = view.getName().asString();
      String measure = view.getMeasure().getName();
      if (!registered.add(name)) {
        throw new IllegalArgumentException("view " + name + " is registered twice");
      }
      viewsByMeasure.computeIfAbsent(measure, key -> new CopyOnWriteArrayList<>()).add(view);
      // Last: whoever asks meanwhile is either seen here or sees the view.
      if (asked.contains(measure)) {
        throw new IllegalStateException(
            "view " + name + " comes too late: its measure " + measure + " has recorders already");
      }
    }
  }

  /** What the views of {@code measure} tell apart: the names of all their tags. */
  public Set<String> columns(Measure measure) {
    return viewsByMeasure.getOrDefault(measure.getName(), List.of()).stream()
        .flatMap(view -> view.getColumns().stream())
        .map(TagKey::getName)
        .collect(Collectors.toSet());
  }

  private List<View> viewsOf(Measure measure) {
    asked.add(measure.getName());
    return viewsByMeasure.getOrDefault(measure.getName(), List.of());
  }

  /**
   * A recorder of {@code measure}.
   *
   * @param tags keys and values in turn; tags that a view does not have are left out there, tags
   *     that are missing are exported empty
   */
  @Override
  public Recorder recorder(Measure measure, String... tags) {
    Map<String, String> values = pairs(tags);
    Recorder[] recorders =
        viewsOf(measure).stream().map(view -> meter(view, values)).toArray(Recorder[]::new);
    return switch (recorders.length) {
      case 0 -> value -> {};
      case 1 -> recorders[0];
      default ->
          value -> {
            for (Recorder each : recorders) {
              each.record(value);
            }
          };
    };
  }

  /**
   * The gauge of that name (without prefix) and tags; the same one for the same ones.
   *
   * @param tags keys and values in turn; every use of a name must have the same keys
   */
  public UpDownGauge upDown(String name, String description, String... tags) {
    String exported = ExportedNames.of(name);
    Set<String> keys = pairs(tags).keySet();
    Set<String> expected = upDownKeys.computeIfAbsent(exported, first -> keys);
    if (!expected.equals(keys)) {
      throw new IllegalArgumentException(
          "gauge " + name + " has the tags " + keys + "; expected " + expected);
    }
    return upDowns.computeIfAbsent(
        new Row(exported, Tags.of(tags)),
        row -> {
          UpDownGauge gauge = new UpDownGauge();
          note(exported, Meter.Type.GAUGE);
          // The meters keep it: a gauge whose value is collected would export NaN.
          Gauge.builder(exported, gauge, UpDownGauge::value)
              .strongReference(true)
              .description(description)
              .tags(row.tags())
              .register(meters);
          return gauge;
        });
  }

  /**
   * A gauge of what comes and goes, in every view of {@code measure}: the way to record a Sum that
   * may fall. One gauge for all of them; the same one for the same tags.
   *
   * @param tags keys and values in turn, as for {@link #recorder}
   */
  public UpDownGauge upDown(Measure measure, String... tags) {
    Map<String, String> values = pairs(tags);
    List<View> views = viewsOf(measure);
    return switch (views.size()) {
      case 0 -> new UpDownGauge();
      case 1 -> {
        View view = views.getFirst();
        yield upDown(
            view.getName().asString(),
            view.getDescription(),
            view.getColumns().stream()
                .map(TagKey::getName)
                .flatMap(key -> Stream.of(key, values.getOrDefault(key, "")))
                .toArray(String[]::new));
      }
      default ->
          throw new IllegalArgumentException(
              "measure "
                  + measure.getName()
                  + " goes up and down and has "
                  + views.size()
                  + " views; expected one");
    };
  }

  /**
   * The names of our metrics as the meter registry exports them (for counters, without {@code
   * _total}), and what they are called in {@link MetricNames#FN}.
   */
  Map<String, String> plainNames() {
    return plainNames;
  }

  private static Map<String, String> pairs(String... tags) {
    if (tags.length % 2 != 0) {
      throw new IllegalArgumentException("tags come in pairs of key and value");
    }
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < tags.length; i += 2) {
      values.put(tags[i], tags[i + 1]);
    }
    return values;
  }

  private Recorder meter(View view, Map<String, String> values) {
    String name = ExportedNames.of(view.getName().asString());
    List<Tag> columns = new ArrayList<>();
    for (TagKey key : view.getColumns()) {
      columns.add(Tag.of(key.getName(), values.getOrDefault(key.getName(), "")));
    }
    Row row = new Row(name, Tags.of(columns));
    String description = view.getDescription();
    return view.getAggregation()
        .match(
            sum -> counter(row, description),
            count -> {
              Recorder counter = counter(row, description);
              return value -> counter.record(1);
            },
            distribution ->
                isMillisNamedSeconds(view, name)
                    ? seconds(row, description, bounds(distribution))
                    : summary(row, description, bounds(view, distribution)),
            lastValue -> lastValue(row, description),
            other -> {
              throw new IllegalArgumentException(
                  "view " + view.getName().asString() + " has an unknown aggregation " + other);
            });
  }

  private boolean isMillisNamedSeconds(View view, String name) {
    return names == MetricNames.PROMETHEUS
        && name.endsWith("_duration_seconds")
        && view.getMeasure().getUnit().equals(MILLIS);
  }

  private Recorder counter(Row row, String description) {
    note(row.name(), Meter.Type.COUNTER);
    Counter counter =
        Counter.builder(row.name()).description(description).tags(row.tags()).register(meters);
    return counter::increment;
  }

  private Recorder lastValue(Row row, String description) {
    AtomicLong last =
        lastValues.computeIfAbsent(
            row,
            key -> {
              AtomicLong holder = new AtomicLong();
              String name = gaugeName(row.name());
              note(name, Meter.Type.GAUGE);
              Gauge.builder(name, holder, AtomicLong::doubleValue)
                  .strongReference(true)
                  .description(description)
                  .tags(row.tags())
                  .register(meters);
              return holder;
            });
    return last::set;
  }

  /** Prometheus keeps {@code _count} for histograms. */
  private String gaugeName(String name) {
    return names == MetricNames.PROMETHEUS && name.endsWith(COUNT)
        ? name.substring(0, name.length() - COUNT.length())
        : name;
  }

  private static String withoutTotal(String name) {
    return name.endsWith(TOTAL) ? name.substring(0, name.length() - TOTAL.length()) : name;
  }

  private static double[] bounds(Aggregation.Distribution distribution) {
    return distribution.getBucketBoundaries().getBoundaries().stream()
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  private double[] bounds(View view, Aggregation.Distribution distribution) {
    double[] bounds = bounds(distribution);
    return names == MetricNames.FN && !view.getMeasure().getUnit().equals(MILLIS)
        ? DoubleStream.concat(DoubleStream.of(ZEROS), Arrays.stream(bounds)).toArray()
        : bounds;
  }

  private Recorder summary(Row row, String description, double[] bounds) {
    note(row.name(), Meter.Type.DISTRIBUTION_SUMMARY);
    plainNames.put(withoutTotal(row.name()) + GREATEST, row.name() + GREATEST);
    DistributionSummary summary =
        DistributionSummary.builder(row.name())
            .description(description)
            .tags(row.tags())
            .serviceLevelObjectives(bounds)
            .register(meters);
    return summary::record;
  }

  /** A timer, since a summary rounds what it sorts into buckets up to whole numbers. */
  private Recorder seconds(Row row, String description, double[] boundsInMillis) {
    Timer timer =
        Timer.builder(row.name())
            .description(description)
            .tags(row.tags())
            .serviceLevelObjectives(
                Arrays.stream(boundsInMillis)
                    .mapToObj(bound -> Duration.ofNanos(Math.round(bound * NANOS_PER_MILLI)))
                    .toArray(Duration[]::new))
            .register(meters);
    return value -> timer.record(value, TimeUnit.MILLISECONDS);
  }

  private void note(String name, Meter.Type type) {
    String exported = meters.config().namingConvention().name(name, type, null);
    plainNames.put(type == Meter.Type.COUNTER ? withoutTotal(exported) : exported, name);
  }
}
