package dev.fncluster.api.management;

import dev.fncluster.api.extension.FnListener;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.http.Routes;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.plugin.ResourceListeners;
import java.util.List;

/** {@code /v2/fns}. Thread-safe. */
final class FnRoutes {
  private static final String ALL = "/v2/fns";
  private static final String ONE = "/v2/fns/{fn_id}";

  private final Datastore store;
  private final IdGenerator ids;
  private final MillisecondClock clock;
  private final EndpointAnnotator annotator;
  private final ResourceListeners listeners;

  FnRoutes(
      Datastore store,
      IdGenerator ids,
      MillisecondClock clock,
      EndpointAnnotator annotator,
      ResourceListeners listeners) {
    this.listeners = listeners;
    this.store = store;
    this.ids = ids;
    this.clock = clock;
    this.annotator = annotator;
  }

  void register(Routes routes) {
    routes.addBlocking("GET", ALL, (request, body) -> list(request));
    routes.addBlocking("POST", ALL, this::create);
    routes.addBlocking("GET", ONE, (request, body) -> get(request));
    routes.addBlocking("PUT", ONE, this::update);
    routes.addBlocking("DELETE", ONE, (request, body) -> delete(request));
    // Calls and their logs were stored once; clients still ask for them.
    for (String gone : List.of("/calls", "/calls/{call_id}", "/calls/{call_id}/log")) {
      routes.addBlocking("GET", ONE + gone, (request, body) -> HttpResponse.empty(410));
    }
  }

  private HttpResponse list(HttpRequestHead request) {
    ListParameters parameters = ListParameters.of(request);
    String appId = parameters.text("app_id");
    if (appId.isEmpty()) {
      throw ManagementErrors.fnAppIdMissing();
    }
    request.caller().requireApp(appId);
    int perPage = parameters.perPage();
    List<Fn> page =
        store.fns(new FnQuery(appId, parameters.text("name"), parameters.cursor(), perPage));
    String next = page.size() < perPage ? "" : new Cursor(page.getLast().name(), "").text();
    List<Fn> annotated = page.stream().map(fn -> annotated(request, fn)).toList();
    return Answers.ok(ResourceWriter.fns(annotated, next));
  }

  private HttpResponse create(HttpRequestHead request, byte[] body) {
    Fn input =
        listeners.changeFn(Answers.parse(body, ResourceReader::fn), FnListener::beforeCreate);
    Fn made = FnRules.create(input, ids.next(), clock.now());
    request.caller().requireApp(made.appId());
    Fn stored = store.insertFn(made);
    listeners.tellFn(stored.id(), listener -> listener.afterCreate(stored));
    return Answers.ok(ResourceWriter.fn(annotated(request, stored)));
  }

  private HttpResponse get(HttpRequestHead request) {
    Fn stored = store.fn(request.pathParameter("fn_id"));
    request.caller().requireApp(stored.appId());
    return Answers.ok(ResourceWriter.fn(annotated(request, stored)));
  }

  private HttpResponse update(HttpRequestHead request, byte[] body) {
    String id = request.pathParameter("fn_id");
    if (request.caller().isLimited()) {
      // Before listeners hear of it.
      request.caller().requireApp(store.fn(id).appId());
    }
    Fn patch =
        listeners.changeFn(
            Answers.parse(body, ResourceReader::fn),
            (listener, asked) -> listener.beforeUpdate(id, asked));
    if (!patch.id().isEmpty() && !patch.id().equals(id)) {
      throw ManagementErrors.fnIdMismatch();
    }
    Fn change =
        patch.annotations().containsKey(EndpointAnnotator.FN_KEY)
            ? EndpointAnnotator.withoutEndpoint(patch, annotated(request, store.fn(id)))
            : patch;
    Fn updated =
        store.updateFn(
            id,
            stored -> {
              request.caller().requireApp(stored.appId());
              return FnRules.merge(stored, change, clock.now());
            });
    listeners.tellFn(id, listener -> listener.afterUpdate(updated));
    return Answers.ok(ResourceWriter.fn(updated));
  }

  private HttpResponse delete(HttpRequestHead request) {
    String id = request.pathParameter("fn_id");
    if (request.caller().isLimited()) {
      // The app of a fn never changes, so what is found here holds for the deletion.
      request.caller().requireApp(store.fn(id).appId());
    }
    listeners.tellFn(id, listener -> listener.beforeDelete(id));
    store.deleteFn(id);
    listeners.tellFn(id, listener -> listener.afterDelete(id));
    return Answers.deleted();
  }

  private Fn annotated(HttpRequestHead request, Fn fn) {
    Fn byOthers = listeners.annotate(request, fn);
    return byOthers == null ? annotator.annotate(request, fn) : byOthers;
  }
}
