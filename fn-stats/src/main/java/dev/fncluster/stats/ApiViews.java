package dev.fncluster.stats;

import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

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

  /** Counted when a request is answered; all tags, and those of its call that are asked for. */
  public static final Measure.MeasureLong RESPONSES =
      Measure.MeasureLong.create("api/response_count", "Count of answers", "1");

  /** Milliseconds from a request to its answer; tagged as {@link #RESPONSES}. */
  public static final Measure.MeasureLong LATENCY =
      Measure.MeasureLong.create("api/latency", "Time from request to answer", "ms");

  /** Counted when a connection is closed because too many are open; no tags. */
  public static final Measure.MeasureLong REFUSED_CONNECTIONS =
      Measure.MeasureLong.create(
          "api/refused_connections", "Connections closed because too many were open", "1");

  private static final List<TagKey> REQUEST_TAGS = keys(METHOD, PATH);
  private static final List<TagKey> RESPONSE_TAGS = keys(METHOD, PATH, STATUS, BLAME, FDK_VERSION);

  private ApiViews() {}

  /**
   * The views of this module's measures.
   *
   * @param tagKeys further tags of answers and their latency, which are empty where the request was
   *     no call: {@link PerFunction#APP_ID}, {@link PerFunction#FN_ID}, both or none
   * @param latency how latencies are spread, in milliseconds
   */
  public static List<View> create(List<TagKey> tagKeys, Aggregation.Distribution latency) {
    List<TagKey> ofAnswers = Stream.concat(RESPONSE_TAGS.stream(), tagKeys.stream()).toList();
    return List.of(
        view(REQUESTS, Aggregation.Count.create(), REQUEST_TAGS),
        view(REFUSED_CONNECTIONS, Aggregation.Count.create(), List.of()),
        view(RESPONSES, Aggregation.Count.create(), ofAnswers),
        view(LATENCY, latency, ofAnswers));
  }

  private static List<TagKey> keys(String... names) {
    return Arrays.stream(names).map(TagKey::create).toList();
  }

  private static View view(Measure measure, Aggregation aggregation, List<TagKey> tags) {
    return View.create(
        View.Name.create(measure.getName()), measure.getDescription(), measure, aggregation, tags);
  }
}
