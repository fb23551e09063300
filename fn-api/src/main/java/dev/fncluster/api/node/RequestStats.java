package dev.fncluster.api.node;

import dev.fncluster.api.error.Blame;
import dev.fncluster.api.http.RequestObserver;
import dev.fncluster.stats.ApiViews;
import dev.fncluster.stats.Recorder;
import dev.fncluster.stats.ViewRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Counts requests and answers into the views of {@link ApiViews}. Thread-safe, lock-free once a
 * kind of answer has been seen.
 */
public final class RequestStats implements RequestObserver {
  /** Functions choose this label: past so many versions the rest is counted together. */
  private static final int MAX_FDK_VERSIONS = 64;

  private static final String OTHER_FDK = "other";

  private final ViewRegistry views;
  private final Map<RequestKind, Recorder> requests = new ConcurrentHashMap<>();
  private final Map<AnswerKind, AnswerRecorders> answers = new ConcurrentHashMap<>();
  private final Map<String, String> fdkVersions = new ConcurrentHashMap<>();

  private record RequestKind(String method, String route) {}

  private record AnswerKind(
      String method, String route, int status, Blame blame, String fdkVersion) {}

  private record AnswerRecorders(Recorder count, Recorder latency) {}

  /** Records to the views that {@code views} knows by now. */
  public RequestStats(ViewRegistry views) {
    this.views = views;
  }

  @Override
  public void started(String method, String route) {
    RequestKind kind = new RequestKind(method, route);
    Recorder known = requests.get(kind);
    if (known == null) {
      known = requests.computeIfAbsent(kind, this::requestRecorder);
    }
    known.increment();
  }

  @Override
  public void finished(
      String method, String route, int status, Blame blame, String fdkVersion, long nanos) {
    AnswerKind kind = new AnswerKind(method, route, status, blame, bounded(fdkVersion));
    AnswerRecorders known = answers.get(kind);
    if (known == null) {
      known = answers.computeIfAbsent(kind, this::answerRecorders);
    }
    known.count().increment();
    known.latency().record(TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  private String bounded(String fdkVersion) {
    String known = fdkVersions.get(fdkVersion);
    if (known != null) {
      return known;
    }
    if (fdkVersions.size() >= MAX_FDK_VERSIONS) {
      return OTHER_FDK;
    }
    fdkVersions.put(fdkVersion, fdkVersion);
    return fdkVersion;
  }

  private Recorder requestRecorder(RequestKind kind) {
    return views.recorder(
        ApiViews.REQUESTS, ApiViews.METHOD, kind.method(), ApiViews.PATH, label(kind.route()));
  }

  private AnswerRecorders answerRecorders(AnswerKind kind) {
    String[] tags = {
      ApiViews.METHOD,
      kind.method(),
      ApiViews.PATH,
      label(kind.route()),
      ApiViews.STATUS,
      Integer.toString(kind.status()),
      ApiViews.BLAME,
      kind.blame() == Blame.USER ? "user" : "service",
      ApiViews.FDK_VERSION,
      kind.fdkVersion()
    };
    return new AnswerRecorders(
        views.recorder(ApiViews.RESPONSES, tags), views.recorder(ApiViews.LATENCY, tags));
  }

  // Dashboards made for other implementations know patterns as /t/:app_name/*source.
  private static String label(String route) {
    return route.replaceAll("\\{([^}]*)}", ":$1");
  }
}
