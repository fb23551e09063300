package dev.fncluster.runner.driver;

import dev.fncluster.api.model.Call;
import org.apiguardian.api.API;

/**
 * What a driver does around each call that one of its containers executes.
 *
 * <p>Called on virtual threads, where it may block. One that takes longer than the limit for
 * extensions has failed, and is interrupted. A failure is the result of the call and stops the
 * container: an {@link dev.fncluster.api.error.FnException} is what the caller is told, anything
 * else an error of code 500.
 *
 * <p>Calls of one container come one after the other, those of several at the same time.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface CallHooks {
  /**
   * Before {@code call} is put to the function. If this fails the function never hears of it.
   *
   * @param call not to be changed
   */
  void before(Call call) throws Exception;

  /**
   * Once for every call whose {@link #before} was done, however it ended, also if it was cancelled
   * before the function had it.
   *
   * <p>The end of the answer waits for this, its beginning does not: a failure is a clean error for
   * callers only while nothing of the answer was sent, and breaks the answer off afterwards. A
   * failure of the call itself goes before that of this method.
   *
   * @param call not to be changed
   */
  void after(Call call) throws Exception;
}
