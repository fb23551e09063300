package dev.fncluster.stats;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Label;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Writes the Prometheus text format as other Fn servers do: by names that the library does not
 * allow, counters without {@code _total}, gauges and histograms with it; and with numbers, those of
 * buckets above all, as {@link GoNumbers} spells them.
 */
final class PlainNamesWriter {
  private final PrometheusTextFormatWriter others = PrometheusTextFormatWriter.create();

  /** Writes {@code snapshots}; {@code names} has the wanted name for some of the library's. */
  void write(OutputStream out, MetricSnapshots snapshots, Map<String, String> names)
      throws IOException {
    StringBuilder text = new StringBuilder();
    MetricSnapshots.Builder rest = MetricSnapshots.builder();
    for (MetricSnapshot snapshot : snapshots) {
      String name = names.get(snapshot.getMetadata().getPrometheusName());
      if (name != null && snapshot instanceof CounterSnapshot counters) {
        head(text, name, counters, "counter");
        counters.getDataPoints().forEach(p -> row(text, name, p.getLabels(), p.getValue()));
      } else if (name != null && snapshot instanceof GaugeSnapshot gauges) {
        head(text, name, gauges, "gauge");
        gauges.getDataPoints().forEach(p -> row(text, name, p.getLabels(), p.getValue()));
      } else if (name != null && snapshot instanceof HistogramSnapshot histograms) {
        head(text, name, histograms, "histogram");
        histograms.getDataPoints().forEach(p -> histogram(text, name, p));
      } else {
        rest.metricSnapshot(snapshot);
      }
    }
    out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    others.write(out, rest.build(), EscapingScheme.UNDERSCORE_ESCAPING);
  }

  private static void head(StringBuilder text, String name, MetricSnapshot snapshot, String type) {
    String help = snapshot.getMetadata().getHelp();
    if (help != null && !help.isBlank()) {
      text.append("# HELP ").append(name).append(' ');
      text.append(help.replace("\\", "\\\\").replace("\n", "\\n")).append('\n');
    }
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static void row(StringBuilder text, String name, Labels labels, double value) {
    text.append(name);
    if (!labels.isEmpty()) {
      char before = '{';
      for (Label label : labels) {
        text.append(before).append(label.getName()).append("=\"");
        text.append(
            label.getValue().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"));
        text.append('"');
        before = ',';
      }
      text.append('}');
    }
    text.append(' ').append(GoNumbers.text(value)).append('\n');
  }

  private static void histogram(
      StringBuilder text, String name, HistogramSnapshot.HistogramDataPointSnapshot point) {
    ClassicHistogramBuckets buckets = point.getClassicBuckets();
    long sum = 0;
    for (int i = 0; i < buckets.size(); i++) {
      sum += buckets.getCount(i);
      row(
          text,
          name + "_bucket",
          point.getLabels().merge(Labels.of("le", bound(buckets.getUpperBound(i)))),
          sum);
    }
    row(text, name + "_count", point.getLabels(), sum);
    row(text, name + "_sum", point.getLabels(), point.getSum());
  }

  private static String bound(double bound) {
    return bound == ViewRegistry.ZEROS ? "0" : GoNumbers.text(bound);
  }
}
