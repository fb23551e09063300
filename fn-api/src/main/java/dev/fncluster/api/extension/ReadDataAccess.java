package dev.fncluster.api.extension;

import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import org.apiguardian.api.API;

/**
 * Reads apps, fns and triggers. Nodes have one for extensions ({@link ExtensionSite#data}); a
 * program may give its own to {@code LbNode} and {@code FullNode}, which then look there for what
 * an invocation needs, and keep what it says for 5 s.
 *
 * <p>Thread-safe. Methods may block: nodes call them on virtual threads, and extensions must not
 * call them on event loops. A look-up that takes longer than the limit for extensions, returns
 * null, or throws anything but a {@link dev.fncluster.api.error.FnException} fails its request with
 * code 500.
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
