package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The shipped rules ask for what there is, and each alert has a test of its own. */
final class RulesTest {
  private static final Path FOLDER = Repository.root().resolve("deploy/prometheus");
  private static final Pattern METRIC =
      Pattern.compile("(?<![:\\w])(?:fn|grpc|hikaricp|jvm|netty|process)_\\w+(?![:\\w])");
  private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)");
  private static final Pattern TESTED = Pattern.compile("- alertname: (\\w+)");
  private static final List<String> PARTS = List.of("_bucket", "_count", "_sum");

  /** What no dashboard that was made for other servers asks for. */
  private static final Set<String> OURS_ALONE =
      Set.of(
          "fn_api_refused_connections",
          "fn_function_log_lines",
          "fn_function_log_dropped_lines",
          "fn_image_cleaner_refused");

  private static final Pattern RECORDED = Pattern.compile("- record: (\\S+)");

  private static Set<String> all(Pattern pattern, int group, String text) {
    Set<String> found = new TreeSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(group));
    }
    return found;
  }

  private static String read(String file) throws IOException {
    return Files.readString(FOLDER.resolve(file));
  }

  @Test
  void everyMetricOfARuleIsDocumented() throws Exception {
    Set<String> known =
        MetricsTable.read().stream().map(MetricsTable.Row::name).collect(Collectors.toSet());
    for (String file : List.of("alerts.yml", "recording.yml")) {
      String text = read(file);
      Set<String> asked = all(METRIC, 0, text);
      asked.removeAll(all(RECORDED, 1, text));
      assertThat(asked).as(file).hasSizeGreaterThan(10);
      assertThat(asked)
          .as(file)
          .allMatch(name ->
              known.contains(name) || known.contains(name.replaceAll("_(bucket|count|sum)$", "")));
    }
  }

  @Test
  void namesOfOtherServersThatDifferAreRecorded() throws Exception {
    Set<String> expected = new TreeSet<>();
    for (MetricsTable.Row row : MetricsTable.read()) {
      if (row.name().equals(row.fnName()) || OURS_ALONE.contains(row.fnName())) {
        continue;
      }
      if (row.type().equals("histogram")) {
        PARTS.forEach(part -> expected.add(row.fnName() + part));
      } else {
        expected.add(row.fnName());
      }
    }

    assertThat(all(RECORDED, 1, read("recording.yml"))).isEqualTo(expected);
  }

  @Test
  void everyAlertHasATest() throws Exception {
    Set<String> alerts = all(ALERT, 1, read("alerts.yml"));

    assertThat(alerts).hasSizeGreaterThan(20);
    assertThat(all(TESTED, 1, read("alerts_test.yml"))).isEqualTo(alerts);
  }
}
