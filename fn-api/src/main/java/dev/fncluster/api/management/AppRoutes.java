package dev.fncluster.api.management;

import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.AppListener;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.http.Routes;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.plugin.ResourceListeners;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code /v2/apps}. Thread-safe. */
final class AppRoutes {
  private static final String ALL = "/v2/apps";
  private static final String ONE = "/v2/apps/{app_id}";

  private final Datastore store;
  private final IdGenerator ids;
  private final MillisecondClock clock;
  private final ResourceListeners listeners;

  AppRoutes(Datastore store, IdGenerator ids, MillisecondClock clock, ResourceListeners listeners) {
    this.listeners = listeners;
    this.store = store;
    this.ids = ids;
    this.clock = clock;
  }

  void register(Routes routes) {
    routes.addBlocking("GET", ALL, (request, body) -> list(request));
    routes.addBlocking("POST", ALL, this::create);
    routes.addBlocking("GET", ONE, (request, body) -> get(request));
    routes.addBlocking("PUT", ONE, this::update);
    routes.addBlocking("DELETE", ONE, (request, body) -> delete(request));
  }

  private HttpResponse list(HttpRequestHead request) {
    ListParameters parameters = ListParameters.of(request);
    int perPage = parameters.perPage();
    String name = listeners.changeApp(parameters.text("name"), AppListener::beforeList);
    AppQuery query = new AppQuery(name, parameters.cursor(), perPage);
    Optional<Set<String>> only = request.caller().apps();
    List<App> page = only.map(ids -> some(ids, query)).orElseGet(() -> store.apps(query));
    listeners.tellApp("", listener -> listener.afterList(page));
    String next = page.size() < perPage ? "" : new Cursor(page.getLast().name(), "").text();
    return Answers.ok(ResourceWriter.apps(page, next));
  }

  // Those of a token that is for a few apps are read one by one, so that pages stay full.
  private List<App> some(Set<String> ids, AppQuery query) {
    String name = query.name();
    return ids.stream()
        .map(this::found)
        .flatMap(Optional::stream)
        .filter(app -> name.isEmpty() || app.name().equals(name))
        .filter(app -> Utf8Order.BY_BYTES.compare(app.name(), query.after().name()) > 0)
        .sorted(Comparator.comparing(App::name, Utf8Order.BY_BYTES))
        .limit(query.limit())
        .toList();
  }

  private Optional<App> found(String id) {
    try {
      return Optional.of(store.app(id));
    } catch (ServiceException e) {
      if (e.code() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private HttpResponse create(HttpRequestHead request, byte[] body) {
    request.caller().requireAllApps();
    App input =
        listeners.changeApp(Answers.parse(body, ResourceReader::app), AppListener::beforeCreate);
    App stored = store.insertApp(AppRules.create(input, ids.next(), clock.now()));
    listeners.tellApp(stored.id(), listener -> listener.afterCreate(stored));
    return Answers.ok(ResourceWriter.app(stored));
  }

  private HttpResponse get(HttpRequestHead request) {
    String id = id(request);
    listeners.tellApp(id, listener -> listener.beforeGet(id));
    App stored = store.app(id);
    listeners.tellApp(id, listener -> listener.afterGet(stored));
    return Answers.ok(ResourceWriter.app(stored));
  }

  private HttpResponse update(HttpRequestHead request, byte[] body) {
    String id = id(request);
    App patch =
        listeners.changeApp(
            Answers.parse(body, ResourceReader::app),
            (listener, change) -> listener.beforeUpdate(id, change));
    if (!patch.id().isEmpty() && !patch.id().equals(id)) {
      throw ManagementErrors.appIdMismatch();
    }
    App updated = store.updateApp(id, stored -> AppRules.merge(stored, patch, clock.now()));
    listeners.tellApp(id, listener -> listener.afterUpdate(updated));
    return Answers.ok(ResourceWriter.app(updated));
  }

  private HttpResponse delete(HttpRequestHead request) {
    String id = id(request);
    listeners.tellApp(id, listener -> listener.beforeDelete(id));
    store.deleteApp(id);
    listeners.tellApp(id, listener -> listener.afterDelete(id));
    return Answers.deleted();
  }

  private static String id(HttpRequestHead request) {
    String id = request.pathParameter("app_id");
    request.caller().requireApp(id);
    return id;
  }
}
