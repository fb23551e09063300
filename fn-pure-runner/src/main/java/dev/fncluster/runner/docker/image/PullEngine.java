package dev.fncluster.runner.docker.image;

import dev.fncluster.runner.docker.registry.Credentials;
import dev.fncluster.runner.docker.registry.ImageReference;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** Pulls one image, once. Blocks; thread-safe. */
@FunctionalInterface
interface PullEngine {
  /**
   * Pulls.
   *
   * @throws TimeoutException when it is not done within {@code limit}; it has been given up then
   */
  void pull(ImageReference image, Credentials credentials, Duration limit)
      throws PullFailedException, TimeoutException, InterruptedException;
}
