package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A page of metrics in the text format of Prometheus, taken apart. */
final class Exposition {
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern SAMPLE =
      Pattern.compile("([A-Za-z_:][A-Za-z0-9_:]*)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Set<String> OF_BUCKETS = Set.of("le", "quantile");
  private static final List<String> PARTS = List.of("_bucket", "_count", "_sum");

  private final Map<String, Family> families = new TreeMap<>();
  private final Map<String, Double> sums = new HashMap<>();

  /**
   * A metric.
   *
   * @param type as its page says
   * @param labels the names of its labels, but those of buckets
   */
  record Family(String type, Set<String> labels) {}

  private Exposition(String page) {
    for (String line : page.lines().toList()) {
      Matcher type = TYPE.matcher(line);
      Matcher sample = SAMPLE.matcher(line);
      if (type.matches()) {
        families.put(type.group(1), new Family(type.group(2), new TreeSet<>()));
      } else if (sample.matches()) {
        add(sample.group(1), sample.group(2), Double.parseDouble(sample.group(3)));
      } else {
        assertThat(line).as("a line of the page").startsWith("# HELP ");
      }
    }
  }

  static Exposition parse(String page) {
    return new Exposition(page);
  }

  private void add(String name, String labels, double value) {
    Set<String> names = family(name).labels();
    Matcher label = LABEL.matcher(labels == null ? "" : labels);
    sums.merge(name, value, Double::sum);
    while (label.find()) {
      if (!OF_BUCKETS.contains(label.group(1))) {
        names.add(label.group(1));
      }
      sums.merge(name + "|" + label.group(1) + "=" + label.group(2), value, Double::sum);
    }
  }

  private Family family(String sample) {
    Family whole = families.get(sample);
    if (whole != null) {
      return whole;
    }
    for (String part : PARTS) {
      if (sample.endsWith(part)) {
        Family of = families.get(sample.substring(0, sample.length() - part.length()));
        if (of != null) {
          return of;
        }
      }
    }
    throw new AssertionError("sample " + sample + " belongs to no metric with a type");
  }

  /** All metrics by name. */
  Map<String, Family> families() {
    return families;
  }

  /** The names of all metrics, but of the gauges that have the greatest values of others. */
  Set<String> names() {
    Set<String> names = new TreeSet<>(families.keySet());
    names.removeIf(name ->
        name.endsWith("_max")
            && families.containsKey(name.substring(0, name.length() - "_max".length()))
            && hasParts(name.substring(0, name.length() - "_max".length())));
    return names;
  }

  private boolean hasParts(String name) {
    return sums.containsKey(name + "_count");
  }

  /** The sum over all rows of a sample; 0 when there is none. */
  double sum(String sample) {
    return sums.getOrDefault(sample, 0.0);
  }

  /** The sum over the rows of a sample with that label. */
  double sum(String sample, String label, String value) {
    return sums.getOrDefault(sample + "|" + label + "=" + value, 0.0);
  }
}
