package dev.fncluster.runner.driver;

import io.netty.buffer.ByteBuf;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * Takes what the process of one container writes. Called on one event loop, which is not one that
 * serves calls; must not block.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface OutputListener {
  /**
   * The next bytes, cut anywhere.
   *
   * @param bytes read to their end, or not, within this call; they stay the caller's
   */
  void output(OutputSource source, ByteBuf bytes);

  /** All that was written until now was passed on. May be called again, and more may follow. */
  void flush();

  /**
   * What was written since the last call of {@link #output} is lost, all or in part; what is passed
   * on from now on begins anew.
   *
   * @param why it could not be had
   */
  void resumed(Throwable why);

  /**
   * Nothing will follow.
   *
   * @param failure null when the process ended; else why what it writes from here on is lost
   */
  void ended(@Nullable Throwable failure);
}
