package dev.fncluster.api.extension;

import dev.fncluster.api.http.BlockingHandler;
import org.apiguardian.api.API;

/**
 * Takes what an {@link Extension} does to its node. To be used while it is set up, and not
 * afterwards; for one thread. Of each kind there may be several, in the order of being added, where
 * nothing else is said.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface ExtensionSite extends PluginContext {
  /** Changes calls; on load balancers, runners and full nodes. */
  ExtensionSite overrider(CallOverrider value);

  /** Hears of calls; on load balancers, runners and full nodes. */
  ExtensionSite callListener(CallListener value);

  /** Hears of apps; on API and full nodes. */
  ExtensionSite appListener(AppListener value);

  /** Hears of fns; on API and full nodes. */
  ExtensionSite fnListener(FnListener value);

  /** Hears of triggers; on API and full nodes. */
  ExtensionSite triggerListener(TriggerListener value);

  /**
   * Stands before everything that a node serves to its users, also before what has no route; before
   * tokens are checked.
   */
  ExtensionSite rootMiddleware(HttpMiddleware value);

  /** As {@link #rootMiddleware}, for what may block. */
  ExtensionSite rootFilter(HttpFilter value);

  /** Stands before the management API, behind the check of tokens; on API and full nodes. */
  ExtensionSite apiMiddleware(HttpMiddleware value);

  /** As {@link #apiMiddleware}, for what may block. */
  ExtensionSite apiFilter(HttpFilter value);

  /**
   * Adds a route to the management API, behind its check of tokens but without its middleware; on
   * API and full nodes. What its handler throws is answered with the code and text of a {@link
   * dev.fncluster.api.error.FnException}, else 500; it has to end within the limit for extensions.
   *
   * @param path below {@code /v2}, with a slash at its beginning; see {@link
   *     dev.fncluster.api.http.Routes}
   */
  ExtensionSite endpoint(String method, String path, BlockingHandler handler);

  /**
   * Reads what is stored, past listeners: on API and full nodes from the store, on load balancers
   * from where they read it themselves, without a cache. On runners every look-up fails with code
   * 503, and so it does everywhere until the node starts. Unlike the other methods of this site,
   * what this returns is for as long as the node lives.
   */
  ReadDataAccess data();

  /** Completes fns in answers, in the place of the node's own; one at most. */
  ExtensionSite fnAnnotator(FnAnnotator value);

  /** Completes triggers in answers, in the place of the node's own; one at most. */
  ExtensionSite triggerAnnotator(TriggerAnnotator value);

  /** Gives requests their ids, where {@code FN_RID_HEADER} is set; one at most. */
  ExtensionSite requestIds(RequestIdProvider value);
}
