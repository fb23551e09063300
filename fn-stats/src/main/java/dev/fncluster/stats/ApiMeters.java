package dev.fncluster.stats;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Records {@link ApiViews} for an HTTP listener. The views must be registered before.
 *
 * <p>Thread-safe; does not block.
 */
public final class ApiMeters {
  /** What stands for kit versions and ids that are too many, or too long, to be told apart. */
  public static final String OTHER = PerFunction.OTHER;

  /** Functions write the kit's version: without a limit, one of them could fill the memory. */
  private static final int MOST_ROWS = 5_000;

  /** They may write megabytes of it, which would be in each line of each of its rows. */
  private static final int LONGEST_KIT = 64;

  private final ViewRegistry views;
  private final int mostRows;
  private final Recorder refused;
  private final boolean byApp;
  private final boolean byFn;
  private final Map<RequestRow, Recorder> requests = new ConcurrentHashMap<>();
  private final Map<ResponseRow, ResponseRecorders> responses = new ConcurrentHashMap<>();

  private record RequestRow(String method, String route) {}

  private record ResponseRow(
      String method,
      String route,
      int status,
      String blame,
      String fdkVersion,
      String appId,
      String fnId) {
    boolean isOfClosedSets() {
      return fdkVersion.isEmpty() && appId.isEmpty() && fnId.isEmpty();
    }

    /** With what others choose replaced: of these there are few. */
    ResponseRow withOthers() {
      return new ResponseRow(
          method, route, status, blame, other(fdkVersion), other(appId), other(fnId));
    }

    private static String other(String value) {
      return value.isEmpty() ? "" : OTHER;
    }
  }

  private record ResponseRecorders(Recorder count, Recorder latency) {}

  /** Records into {@code views}. */
  public ApiMeters(ViewRegistry views) {
    this(views, MOST_ROWS);
  }

  ApiMeters(ViewRegistry views, int mostRows) {
    this.views = views;
    this.mostRows = mostRows;
    Set<String> tags = views.columns(ApiViews.RESPONSES);
    byApp = tags.contains(PerFunction.APP_ID);
    byFn = tags.contains(PerFunction.FN_ID);
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
   * @param fdkVersion what the answer says of its function's development kit; may be empty; one
   *     that is longer than any kit's is {@link #OTHER}
   * @param appId of the call that the request was, as {@code fnId}; empty for none
   * @param millis since it started
   */
  public void finished(
      String method,
      String route,
      int status,
      String blame,
      String fdkVersion,
      String appId,
      String fnId,
      long millis) {
    String kit = fdkVersion.length() > LONGEST_KIT ? OTHER : fdkVersion;
    ResponseRow row =
        new ResponseRow(method, route, status, blame, kit, byApp ? appId : "", byFn ? fnId : "");
    ResponseRecorders recorders = responses.get(row);
    if (recorders == null) {
      ResponseRow limited =
          row.isOfClosedSets() || responses.size() < mostRows ? row : row.withOthers();
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
      ApiViews.FDK_VERSION, row.fdkVersion(),
      PerFunction.APP_ID, row.appId(),
      PerFunction.FN_ID, row.fnId()
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
