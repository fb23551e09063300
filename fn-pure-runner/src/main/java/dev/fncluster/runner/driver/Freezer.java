package dev.fncluster.runner.driver;

import java.io.IOException;
import org.apiguardian.api.API;

/**
 * Takes the processor away from the processes of one container, and gives it back. They notice
 * nothing of it but the time.
 *
 * <p>Methods block, with a bound, and are called by one virtual thread at a time. Both are
 * idempotent.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface Freezer {
  /**
   * Halts all processes. Those that are in the kernel at that moment halt when they leave it, which
   * may be after this method has returned.
   *
   * @throws IOException when they can't be halted, or are gone; some may be halted
   */
  void freeze() throws IOException, InterruptedException;

  /**
   * Lets all processes go on.
   *
   * @throws IOException when that can't be done, or they are gone
   */
  void thaw() throws IOException, InterruptedException;
}
