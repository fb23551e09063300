package dev.fncluster.stats;

import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.List;

/** What every HTTP listener measures of its requests. */
public final class ApiViews {
  /** The request's method. */
  public static final String METHOD = "method";

  /** The pattern of the route that answers, or {@link #INVALID_PATH}. */
  public static final String PATH = "path";

  /** The status of the answer. */
  public static final String STATUS = "status";

  /** {@code user} or {@code service}. */
  public static final String BLAME = "blame";

  /** The answer's {@code Fn-Fdk-Version} header, or empty. */
  public static final String FDK_VERSION = "fn_fdk_version";

  /** The path of a request that no route answers. */
  public static final String INVALID_PATH = "invalid";

  /** Counted when a request enters; tags {@link #METHOD}, {@link #PATH}. */
  public static final Measure.MeasureLong REQUESTS =
      Measure.MeasureLong.create("api/request_count", "Count of requests", "1");

  /** Counted when a request is answered; all tags. */
  public static final Measure.MeasureLong RESPONSES =
      Measure.MeasureLong.create("api/response_count", "Count of answers", "1");

  /** Milliseconds from a request to its answer; all tags. */
  public static final Measure.MeasureLong LATENCY =
      Measure.MeasureLong.create("api/latency", "Time from request to answer", "ms");

  /** Counted when a connection is closed because too many are open; no tags. */
  public static final Measure.MeasureLong REFUSED_CONNECTIONS =
      Measure.MeasureLong.create(
          "api/refused_connections", "Connections closed because too many were open", "1");

  private static final List<String> REQUEST_TAGS = List.of(METHOD, PATH);
  private static final List<String> RESPONSE_TAGS =
      List.of(METHOD, PATH, STATUS, BLAME, FDK_VERSION);

  private ApiViews() {}

  /**
   * The views of this module's measures.
   *
   * @param latency how latencies are spread, in milliseconds
   */
  public static List<View> create(Aggregation.Distribution latency) {
    return List.of(
        view(REQUESTS, Aggregation.Count.create(), REQUEST_TAGS),
        view(REFUSED_CONNECTIONS, Aggregation.Count.create(), List.of()),
        view(RESPONSES, Aggregation.Count.create(), RESPONSE_TAGS),
        view(LATENCY, latency, RESPONSE_TAGS));
  }

  private static View view(Measure measure, Aggregation aggregation, List<String> tags) {
    return View.create(
        View.Name.create(measure.getName()),
        measure.getDescription(),
        measure,
        aggregation,
        tags.stream().map(TagKey::create).toList());
  }
}
