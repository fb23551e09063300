package dev.fncluster.api.management;

import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Keeps apps, fns and triggers. It knows which of them belong together and which must differ; what
 * a single one may look like has been checked before.
 *
 * <p>Blocking: call it on a virtual thread. Thread-safe. Each method is one transaction: it happens
 * as a whole or not at all, and what it returned is on disk. Errors are those of {@link
 * ManagementErrors}, and {@link dev.fncluster.api.error.InvocationErrors#storeUnavailable()} when
 * the database does not answer or others kept it waiting too long; anything else that is thrown
 * means that the store itself failed.
 */
public interface Datastore extends AutoCloseable {
  /** Has what it knows of its connections exported to {@code meters}; nothing by default. */
  default void export(MeterRegistry meters) {}

  /**
   * Adds an app.
   *
   * @throws dev.fncluster.api.error.ServiceException 409 when its name is taken
   */
  App insertApp(App app);

  /** The app of that id, else 404. */
  App app(String id);

  /** The id of the app of that exact name, else 404. */
  String appIdByName(String name);

  /** Apps in the order of their names' bytes. */
  List<App> apps(AppQuery query);

  /**
   * Changes an app while nobody else can. Nothing is written when {@code merge} gives back an equal
   * app.
   *
   * @param merge gets the stored app and returns what it shall be; keeps id and name; what it
   *     throws ends the update and reaches the caller
   * @return what is stored now
   */
  App updateApp(String id, UnaryOperator<App> merge);

  /** Removes an app with its fns and triggers; 404 when there is none. */
  void deleteApp(String id);

  /**
   * Adds a fn, with the shape of its app.
   *
   * @return what is stored
   * @throws dev.fncluster.api.error.ServiceException 404 when its app is unknown, 409 when the app
   *     has a fn of that name
   */
  Fn insertFn(Fn fn);

  /** The fn of that id, else 404. */
  Fn fn(String id);

  /** Fns of one app in the order of their names' bytes; none when the app is unknown. */
  List<Fn> fns(FnQuery query);

  /**
   * Changes a fn while nobody else can; see {@link #updateApp}.
   *
   * @param merge keeps id, name and app
   */
  Fn updateFn(String id, UnaryOperator<Fn> merge);

  /** Removes a fn with its triggers; 404 when there is none. */
  void deleteFn(String id);

  /**
   * Adds a trigger. Checked in this order: the app exists (404), the fn exists (404), the fn is the
   * app's (400), no trigger of the app has that type and source (409), no trigger of the fn has
   * that name (409).
   */
  Trigger insertTrigger(Trigger trigger);

  /** The trigger of that id, else 404. */
  Trigger trigger(String id);

  /** The trigger of that app, type and exact source, else 404. */
  Trigger triggerBySource(String appId, String type, String source);

  /** Triggers of one app in the order of their names' bytes, then ids. */
  List<Trigger> triggers(TriggerQuery query);

  /**
   * Changes a trigger while nobody else can; see {@link #updateApp}. Another fn, source or name is
   * checked as on insert.
   *
   * @param merge keeps id, app and type
   */
  Trigger updateTrigger(String id, UnaryOperator<Trigger> merge);

  /** Removes a trigger; 404 when there is none. */
  void deleteTrigger(String id);

  /** Waits for running transactions and closes the connections. */
  @Override
  void close();
}
