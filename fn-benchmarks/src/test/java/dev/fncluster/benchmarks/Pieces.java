package dev.fncluster.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures the pieces of a call and prints how many nanoseconds and bytes of garbage each takes.
 *
 * <p>They run in JVMs of their own with the options of this one. Arguments: a file for the figures
 * as JSON, or {@code -} for none; a regular expression that the names of the benchmarks contain,
 * everything without it.
 */
public final class Pieces {
  private static final String ALLOCATION = "gc.alloc.rate.norm";

  private Pieces() {}

  /**
   * What one piece takes.
   *
   * @param nanos the mean of one operation
   * @param error half the width of the interval that holds the true mean with 99.9 % certainty
   * @param bytes what one operation allocates
   */
  public record Figures(double nanos, double error, double bytes) {
    private static Figures of(RunResult result) {
      Result<?> time = result.getPrimaryResult();
      Result<?> allocation = result.getSecondaryResults().get(ALLOCATION);
      if (allocation == null) {
        throw new IllegalStateException("no " + ALLOCATION + " among the results");
      }
      return new Figures(time.getScore(), time.getScoreError(), allocation.getScore());
    }
  }

  /** Runs them. */
  public static void main(String[] arguments) throws RunnerException, IOException {
    if (arguments.length < 1 || arguments.length > 2) {
      System.err.println("expected: FILE|- [REGULAR-EXPRESSION]");
      System.exit(2);
    }
    String include = arguments.length > 1 ? arguments[1] : ".*";
    Map<String, Figures> figures = measure(include);
    print(figures);
    if (!arguments[0].equals("-")) {
      write(Path.of(arguments[0]), figures);
    }
  }

  private static Map<String, Figures> measure(String include) throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(include)
                    .mode(Mode.AverageTime)
                    .timeUnit(TimeUnit.NANOSECONDS)
                    .forks(1)
                    .warmupIterations(4)
                    .warmupTime(TimeValue.milliseconds(400))
                    .measurementIterations(6)
                    .measurementTime(TimeValue.milliseconds(300))
                    .addProfiler(GCProfiler.class)
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
    Map<String, Figures> figures = new TreeMap<>();
    for (RunResult each : results) {
      figures.put(name(each), Figures.of(each));
    }
    return figures;
  }

  /** Such as {@code Placement.firstChoice placer=ch runners=20}. */
  static String name(RunResult result) {
    String[] parts = result.getParams().getBenchmark().split(Pattern.quote("."), -1);
    StringBuilder name =
        new StringBuilder(parts[parts.length - 2].replaceFirst("Benchmark$", ""))
            .append('.')
            .append(parts[parts.length - 1]);
    for (String key : result.getParams().getParamsKeys()) {
      name.append(' ').append(key).append('=').append(result.getParams().getParam(key));
    }
    return name.toString();
  }

  private static void print(Map<String, Figures> figures) {
    System.out.printf("%-58s %10s %10s %10s%n", "", "ns", "+-", "bytes");
    figures.forEach((name, each) ->
        System.out.printf(
            "%-58s %10.1f %10.1f %10.0f%n", name, each.nanos(), each.error(), each.bytes()));
  }

  private static void write(Path file, Map<String, Figures> figures) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("pieces", figures);
    new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), json);
  }
}
