package dev.fncluster.api.management;

import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.http.Routes;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.IdGenerator;
import java.util.List;

/** {@code /v2/apps}. Thread-safe. */
final class AppRoutes {
  private static final String ALL = "/v2/apps";
  private static final String ONE = "/v2/apps/{app_id}";

  private final Datastore store;
  private final IdGenerator ids;
  private final MillisecondClock clock;

  AppRoutes(Datastore store, IdGenerator ids, MillisecondClock clock) {
    this.store = store;
    this.ids = ids;
    this.clock = clock;
  }

  void register(Routes routes) {
    routes.addBlocking("GET", ALL, (request, body) -> list(request));
    routes.addBlocking("POST", ALL, (request, body) -> create(body));
    routes.addBlocking("GET", ONE, (request, body) -> get(request));
    routes.addBlocking("PUT", ONE, this::update);
    routes.addBlocking("DELETE", ONE, (request, body) -> delete(request));
  }

  private HttpResponse list(HttpRequestHead request) {
    ListParameters parameters = ListParameters.of(request);
    int perPage = parameters.perPage();
    List<App> page =
        store.apps(new AppQuery(parameters.text("name"), parameters.cursor(), perPage));
    String next = page.size() < perPage ? "" : new Cursor(page.getLast().name(), "").text();
    return Answers.ok(ResourceWriter.apps(page, next));
  }

  private HttpResponse create(byte[] body) {
    App input = Answers.parse(body, ResourceReader::app);
    App app = AppRules.create(input, ids.next(), clock.now());
    return Answers.ok(ResourceWriter.app(store.insertApp(app)));
  }

  private HttpResponse get(HttpRequestHead request) {
    return Answers.ok(ResourceWriter.app(store.app(request.pathParameter("app_id"))));
  }

  private HttpResponse update(HttpRequestHead request, byte[] body) {
    App patch = Answers.parse(body, ResourceReader::app);
    String id = request.pathParameter("app_id");
    if (!patch.id().isEmpty() && !patch.id().equals(id)) {
      throw ManagementErrors.appIdMismatch();
    }
    App updated = store.updateApp(id, stored -> AppRules.merge(stored, patch, clock.now()));
    return Answers.ok(ResourceWriter.app(updated));
  }

  private HttpResponse delete(HttpRequestHead request) {
    store.deleteApp(request.pathParameter("app_id"));
    return Answers.deleted();
  }
}
