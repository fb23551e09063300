package dev.fncluster.stats;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Turns views into meters. A node registers its views once, at start; call sites then ask for a
 * {@link Recorder} of a measure and hold on to it.
 *
 * <p>A measure that no registered view looks at has a recorder that does nothing. Register views
 * before asking for recorders: a recorder does not learn of later ones.
 *
 * <p>Thread-safe.
 */
public final class ViewRegistry {
  /** What stands before the name of every view when it is exported. */
  public static final String PREFIX = "fn_";

  private final MeterRegistry meters;
  private final Map<String, List<View>> viewsByMeasure = new ConcurrentHashMap<>();
  private final Map<String, AtomicLong> lastValues = new ConcurrentHashMap<>();
  private final Map<String, UpDownGauge> upDowns = new ConcurrentHashMap<>();

  /** A registry whose meters are those of {@code meters}. */
  public ViewRegistry(MeterRegistry meters) {
    this.meters = meters;
  }

  /** Where the meters live. */
  public MeterRegistry meters() {
    return meters;
  }

  /** Has the measures of {@code views} recorded from now on. */
  public void register(List<View> views) {
    for (View view : views) {
      viewsByMeasure
          .computeIfAbsent(view.getMeasure().getName(), name -> new CopyOnWriteArrayList<>())
          .add(view);
    }
  }

  /**
   * A recorder of {@code measure}.
   *
   * @param tags keys and values in turn; tags that a view does not have are left out there, tags
   *     that are missing are exported empty
   */
  public Recorder recorder(Measure measure, String... tags) {
    if (tags.length % 2 != 0) {
      throw new IllegalArgumentException("tags come in pairs of key and value");
    }
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < tags.length; i += 2) {
      values.put(tags[i], tags[i + 1]);
    }
    List<Recorder> recorders = new ArrayList<>();
    for (View view : viewsByMeasure.getOrDefault(measure.getName(), List.of())) {
      recorders.add(meter(view, values));
    }
    return switch (recorders.size()) {
      case 0 -> value -> {};
      case 1 -> recorders.get(0);
      default ->
          value -> {
            for (Recorder each : recorders) {
              each.record(value);
            }
          };
    };
  }

  /** The gauge of that name (without prefix) and tags; the same one for the same ones. */
  public UpDownGauge upDown(String name, String description, String... tags) {
    Tags all = Tags.of(tags);
    return upDowns.computeIfAbsent(
        name + all,
        key -> {
          UpDownGauge gauge = new UpDownGauge();
          Gauge.builder(PREFIX + name, gauge, UpDownGauge::value)
              .description(description)
              .tags(all)
              .register(meters);
          return gauge;
        });
  }

  private Recorder meter(View view, Map<String, String> values) {
    String name = PREFIX + view.getName().asString().replaceAll("[^A-Za-z0-9]", "_");
    List<Tag> tags = new ArrayList<>();
    for (TagKey key : view.getColumns()) {
      tags.add(Tag.of(key.getName(), values.getOrDefault(key.getName(), "")));
    }
    String description = view.getDescription();
    return view.getAggregation()
        .match(
            sum -> counter(name, description, tags),
            count -> {
              Recorder counter = counter(name, description, tags);
              return value -> counter.record(1);
            },
            distribution -> summary(name, description, tags, distribution),
            lastValue -> {
              AtomicLong last =
                  lastValues.computeIfAbsent(
                      name + tags,
                      key -> {
                        AtomicLong holder = new AtomicLong();
                        Gauge.builder(name, holder, AtomicLong::doubleValue)
                            .description(description)
                            .tags(tags)
                            .register(meters);
                        return holder;
                      });
              return last::set;
            },
            other -> {
              throw new IllegalArgumentException(
                  "view " + view.getName().asString() + " has an unknown aggregation " + other);
            });
  }

  private Recorder counter(String name, String description, List<Tag> tags) {
    Counter counter = Counter.builder(name).description(description).tags(tags).register(meters);
    return counter::increment;
  }

  private Recorder summary(
      String name, String description, List<Tag> tags, Aggregation.Distribution distribution) {
    double[] bounds =
        distribution.getBucketBoundaries().getBoundaries().stream()
            .mapToDouble(Double::doubleValue)
            .filter(bound -> bound > 0)
            .toArray();
    DistributionSummary summary =
        DistributionSummary.builder(name)
            .description(description)
            .tags(tags)
            .serviceLevelObjectives(bounds)
            .register(meters);
    return summary::record;
  }
}
