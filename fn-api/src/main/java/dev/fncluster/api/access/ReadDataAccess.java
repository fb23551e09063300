package dev.fncluster.api.access;

import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import org.apiguardian.api.API;

/**
 * Reads what an invocation needs to know. Blocking: call it on a virtual thread.
 *
 * <p>Every method throws a 404 {@link dev.fncluster.api.error.ServiceException} with the usual text
 * ({@code App not found}, {@code Fn not found}, {@code Trigger not found}) for what does not exist,
 * and a 503 one when the source can't be reached.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface ReadDataAccess {
  /** The id of the app of that name. */
  String appIdByName(String name);

  /** The app of that id. */
  App app(String id);

  /** The fn of that id. */
  Fn fn(String id);

  /** The trigger of that app, type and exact source. */
  Trigger triggerBySource(String appId, String type, String source);
}
