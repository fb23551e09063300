package dev.fncluster.api.access;

import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import java.util.concurrent.CompletableFuture;

/**
 * {@link ReadDataAccess} for event loops: what is known is there at once, in a future that is
 * already complete; what has to be loaded is loaded on another thread, once for all who ask at the
 * same time. A failed load completes the future with the exception that the load threw, unwrapped.
 */
public interface AsyncDataAccess {
  /** The id of the app of that name. */
  CompletableFuture<String> appIdByName(String name);

  /** The app of that id. */
  CompletableFuture<App> app(String id);

  /** The fn of that id. */
  CompletableFuture<Fn> fn(String id);

  /** The trigger of that app, type and exact source. */
  CompletableFuture<Trigger> triggerBySource(String appId, String type, String source);
}
