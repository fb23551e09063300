package dev.fncluster.api.management;

import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.TriggerListener;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.http.Routes;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.model.Trigger;
import dev.fncluster.api.plugin.ResourceListeners;
import java.util.List;
import java.util.Optional;

/** {@code /v2/triggers}, and the look-up by source for load balancers. Thread-safe. */
final class TriggerRoutes {
  private static final String ALL = "/v2/triggers";
  private static final String ONE = "/v2/triggers/{trigger_id}";
  private static final String BY_SOURCE =
      "/v2/runner/apps/{app_id}/triggerBySource/{trigger_type}/*trigger_source";

  private final Datastore store;
  private final IdGenerator ids;
  private final MillisecondClock clock;
  private final EndpointAnnotator annotator;
  private final ResourceListeners listeners;

  TriggerRoutes(
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
    routes.addBlocking("GET", BY_SOURCE, (request, body) -> bySource(request));
  }

  private HttpResponse list(HttpRequestHead request) {
    ListParameters parameters = ListParameters.of(request);
    String appId = parameters.text("app_id");
    if (appId.isEmpty()) {
      throw ManagementErrors.triggerAppIdMissing();
    }
    request.caller().requireApp(appId);
    int perPage = parameters.perPage();
    // One more than asked for shows whether the page ends between two triggers of one name.
    List<Trigger> found =
        store.triggers(
            new TriggerQuery(
                appId,
                parameters.text("fn_id"),
                parameters.text("name"),
                parameters.cursor(),
                perPage + 1));
    List<Trigger> page = found.subList(0, Math.min(found.size(), perPage));
    List<Trigger> answer =
        page.isEmpty()
            ? page
            : appName(appId)
                .map(name -> page.stream().map(t -> annotated(request, name, t)).toList())
                .orElse(page);
    return Answers.ok(ResourceWriter.triggers(answer, nextCursor(found, perPage)));
  }

  private static String nextCursor(List<Trigger> found, int perPage) {
    if (found.size() < perPage) {
      return "";
    }
    Trigger last = found.get(perPage - 1);
    boolean nameGoesOn = found.size() > perPage && found.get(perPage).name().equals(last.name());
    return new Cursor(last.name(), nameGoesOn ? last.id() : "").text();
  }

  private HttpResponse create(HttpRequestHead request, byte[] body) {
    Trigger input =
        listeners.changeTrigger(
            Answers.parse(body, ResourceReader::trigger), TriggerListener::beforeCreate);
    Trigger made = TriggerRules.create(input, ids.next(), clock.now());
    request.caller().requireApp(made.appId());
    Trigger stored = store.insertTrigger(made);
    listeners.tellTrigger(listener -> listener.afterCreate(stored));
    return Answers.ok(ResourceWriter.trigger(shown(request, stored)));
  }

  private HttpResponse get(HttpRequestHead request) {
    Trigger stored = store.trigger(request.pathParameter("trigger_id"));
    request.caller().requireApp(stored.appId());
    return Answers.ok(ResourceWriter.trigger(shown(request, stored)));
  }

  private HttpResponse update(HttpRequestHead request, byte[] body) {
    String id = request.pathParameter("trigger_id");
    if (request.caller().isLimited()) {
      // Before listeners hear of it.
      request.caller().requireApp(store.trigger(id).appId());
    }
    Trigger patch =
        listeners.changeTrigger(
            Answers.parse(body, ResourceReader::trigger),
            (listener, asked) -> listener.beforeUpdate(id, asked));
    if (!patch.id().isEmpty() && !patch.id().equals(id)) {
      throw ManagementErrors.triggerIdMismatch();
    }
    Trigger change =
        patch.annotations().containsKey(EndpointAnnotator.TRIGGER_KEY)
            ? EndpointAnnotator.withoutEndpoint(patch, shown(request, store.trigger(id)))
            : patch;
    Trigger updated =
        store.updateTrigger(
            id,
            stored -> {
              request.caller().requireApp(stored.appId());
              return TriggerRules.merge(stored, change, clock.now());
            });
    listeners.tellTrigger(listener -> listener.afterUpdate(updated));
    return Answers.ok(ResourceWriter.trigger(updated));
  }

  private HttpResponse delete(HttpRequestHead request) {
    String id = request.pathParameter("trigger_id");
    if (request.caller().isLimited()) {
      // The app of a trigger never changes, so what is found here holds for the deletion.
      request.caller().requireApp(store.trigger(id).appId());
    }
    listeners.tellTrigger(listener -> listener.beforeDelete(id));
    store.deleteTrigger(id);
    listeners.tellTrigger(listener -> listener.afterDelete(id));
    return Answers.deleted();
  }

  private HttpResponse bySource(HttpRequestHead request) {
    // The slash before the wildcard is the route's; the source brings its own.
    String source = request.pathParameter("trigger_source");
    request.caller().requireApp(request.pathParameter("app_id"));
    Trigger found =
        store.triggerBySource(
            request.pathParameter("app_id"),
            request.pathParameter("trigger_type"),
            source.startsWith("/") ? source.substring(1) : source);
    return Answers.ok(ResourceWriter.trigger(found));
  }

  private Trigger shown(HttpRequestHead request, Trigger trigger) {
    return appName(trigger.appId()).map(name -> annotated(request, name, trigger)).orElse(trigger);
  }

  /** Empty when the app was removed since its trigger was read. */
  private Optional<String> appName(String appId) {
    try {
      return Optional.of(store.app(appId).name());
    } catch (ServiceException e) {
      if (e.code() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Trigger annotated(HttpRequestHead request, String appName, Trigger trigger) {
    Trigger byOthers = listeners.annotate(request, appName, trigger);
    return byOthers == null ? annotator.annotate(request, appName, trigger) : byOthers;
  }
}
