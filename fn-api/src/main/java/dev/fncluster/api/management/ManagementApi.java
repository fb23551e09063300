package dev.fncluster.api.management;

import dev.fncluster.api.http.Routes;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.plugin.ResourceListeners;
import java.time.InstantSource;

/**
 * The management API of API and full nodes: create, list, get, update and delete apps, fns and
 * triggers, the trigger look-up for load balancers, and the document of it all.
 *
 * <p>Thread-safe.
 */
public final class ManagementApi {
  private final AppRoutes apps;
  private final FnRoutes fns;
  private final TriggerRoutes triggers;

  /** As the other one, where nobody else does anything about apps, fns and triggers. */
  public ManagementApi(
      Datastore store, IdGenerator ids, InstantSource clock, EndpointAnnotator annotator) {
    this(store, ids, clock, annotator, ResourceListeners.none());
  }

  /**
   * An API over a store.
   *
   * @param store stays the caller's to close
   * @param ids makes the ids of new apps, fns and triggers
   * @param clock gives their dates
   * @param annotator adds endpoints to answers, where {@code listeners} don't do so
   * @param listeners what others do about apps, fns and triggers
   */
  public ManagementApi(
      Datastore store,
      IdGenerator ids,
      InstantSource clock,
      EndpointAnnotator annotator,
      ResourceListeners listeners) {
    MillisecondClock milliseconds = new MillisecondClock(clock);
    apps = new AppRoutes(store, ids, milliseconds, listeners);
    fns = new FnRoutes(store, ids, milliseconds, annotator, listeners);
    triggers = new TriggerRoutes(store, ids, milliseconds, annotator, listeners);
  }

  /** Adds all routes below {@code /v2}. */
  public void register(Routes routes) {
    OpenApi.register(routes);
    apps.register(routes);
    fns.register(routes);
    triggers.register(routes);
  }
}
