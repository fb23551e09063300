package dev.fncluster.stats;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Records {@link ApiViews} for an HTTP listener. The views must be registered before.
 *
 * <p>Thread-safe; does not block.
 */
public final class ApiMeters {
  /** What stands for kit versions that are too many to be told apart. */
  public static final String OTHER = "other";

  /** Functions write the kit's version: without a limit, one of them could fill the memory. */
  private static final int MOST_ROWS = 5_000;

  private final ViewRegistry views;
  private final int mostRows;
  private final Recorder refused;
  private final Map<RequestRow, Recorder> requests = new ConcurrentHashMap<>();
  private final Map<ResponseRow, ResponseRecorders> responses = new ConcurrentHashMap<>();

  private record RequestRow(String method, String route) {}

  private record ResponseRow(
      String method, String route, int status, String blame, String fdkVersion) {}

  private record ResponseRecorders(Recorder count, Recorder latency) {}

  /** Records into {@code views}. */
  public ApiMeters(ViewRegistry views) {
    this(views, MOST_ROWS);
  }

  ApiMeters(ViewRegistry views, int mostRows) {
    this.views = views;
    this.mostRows = mostRows;
    refused = views.recorder(ApiViews.REFUSED_CONNECTIONS);
  }

  /** A connection was closed because too many are open. */
  public void connectionRefused() {
    refused.increment();
  }

  /**
   * A request was read and routed.
   *
   * @param method one of a closed set
   * @param route its pattern, with parameters as in <code>{name}</code>, or {@link
   *     ApiViews#INVALID_PATH}
   */
  public void started(String method, String route) {
    Recorder recorder = requests.get(new RequestRow(method, route));
    if (recorder == null) {
      recorder =
          requests.computeIfAbsent(
              new RequestRow(method, route),
              row ->
                  views.recorder(
                      ApiViews.REQUESTS, ApiViews.METHOD, method, ApiViews.PATH, path(route)));
    }
    recorder.increment();
  }

  /**
   * A request that had started was answered.
   *
   * @param blame {@code user} or {@code service}
   * @param fdkVersion what the answer says of its function's development kit; may be empty
   * @param millis since it started
   */
  public void finished(
      String method, String route, int status, String blame, String fdkVersion, long millis) {
    ResponseRow row = new ResponseRow(method, route, status, blame, fdkVersion);
    ResponseRecorders recorders = responses.get(row);
    if (recorders == null) {
      ResponseRow limited =
          fdkVersion.isEmpty() || responses.size() < mostRows
              ? row
              : new ResponseRow(method, route, status, blame, OTHER);
      recorders = responses.computeIfAbsent(limited, this::recorders);
    }
    recorders.count().increment();
    recorders.latency().record(millis);
  }

  private ResponseRecorders recorders(ResponseRow row) {
    String[] tags = {
      ApiViews.METHOD, row.method(),
      ApiViews.PATH, path(row.route()),
      ApiViews.STATUS, Integer.toString(row.status()),
      ApiViews.BLAME, row.blame(),
      ApiViews.FDK_VERSION, row.fdkVersion()
    };
    return new ResponseRecorders(
        views.recorder(ApiViews.RESPONSES, tags), views.recorder(ApiViews.LATENCY, tags));
  }

  /** A route as the tag spells it; both routes of triggers are one there. */
  private static String path(String route) {
    String path = route.replaceAll("\\{(\\w+)}", ":$1");
    return path.startsWith("/t/") ? path.replaceFirst("/\\*\\w+$", "") : path;
  }
}
