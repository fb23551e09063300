package dev.fncluster.systemtests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tables of docs/metrics.md. */
final class MetricsTable {
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final int COLUMNS = 7;

  private MetricsTable() {}

  /**
   * A documented metric.
   *
   * @param name as Prometheus gets it
   * @param fnName as it is called with {@code FN_METRICS_NAMES=fn}
   * @param nodes api, lb, runner, full
   * @param always whether each of these nodes exports it whatever happens
   */
  record Row(
      String name,
      String fnName,
      String type,
      Set<String> labels,
      Set<String> nodes,
      boolean always) {
    String nameFor(boolean fnNames) {
      return fnNames ? fnName : name;
    }
  }

  static List<Row> read() {
    List<Row> rows = new ArrayList<>();
    boolean always = true;
    try {
      for (String line : Files.readAllLines(Repository.root().resolve("docs/metrics.md"))) {
        if (line.startsWith("## ")) {
          always = !line.endsWith("not always there");
        }
        if (line.startsWith("| `")) {
          rows.add(row(line, always));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static Row row(String line, boolean always) {
    String[] cells = line.split("(?<!\\\\)\\|", -1);
    if (cells.length != COLUMNS + 2) {
      throw new AssertionError("a row of docs/metrics.md has not " + COLUMNS + " cells: " + line);
    }
    String name = codes(cells[1]).iterator().next();
    Set<String> fnName = codes(cells[2]);
    return new Row(
        name,
        fnName.isEmpty() ? name : fnName.iterator().next(),
        cells[3].strip(),
        codes(cells[5]),
        new TreeSet<>(Arrays.asList(cells[6].strip().split(", "))),
        always);
  }

  private static Set<String> codes(String cell) {
    Set<String> codes = new TreeSet<>();
    Matcher matcher = CODE.matcher(cell);
    while (matcher.find()) {
      codes.add(matcher.group(1));
    }
    return codes;
  }
}
