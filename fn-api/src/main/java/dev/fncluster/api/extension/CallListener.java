package dev.fncluster.api.extension;

import dev.fncluster.api.model.Call;
import org.apiguardian.api.API;

/**
 * Hears of calls: on a load balancer before they are placed and after they have ended, on runners
 * and full nodes when they have got a container and after they have ended in it. A call that never
 * gets that far is not heard of.
 *
 * <p>Several listeners are told in the order of being added. Thread-safe: calls begin and end at
 * the same time. Called on virtual threads, where one may block, but not for longer than the limit
 * for extensions.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface CallListener {
  /**
   * A call begins. It waits for this.
   *
   * @param call not to be changed
   * @throws dev.fncluster.api.error.FnException to have the call end with that error; any other
   *     failure is an error of code 500. Listeners that come later don't hear of the call then
   */
  default void before(Call call) throws Exception {}

  /**
   * A call has ended that this listener heard the beginning of without failing. Nobody waits for
   * this but a node that stops. A failure is logged and has no other effect.
   *
   * @param call as it was at its end: its status is {@code success}, {@code error} or {@code
   *     timeout}, and it has its times and the text of its error
   */
  default void after(Call call) throws Exception {}
}
