package dev.fncluster.runner.docker;

import com.github.dockerjava.api.exception.DockerException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Tells whether the engine could not connect a container to one of its own networks: one that was
 * removed, has lost its bridge or has no address left. Neither function nor image can be at fault.
 */
final class NetworkFailures {
  private static final Pattern TEXT =
      Pattern.compile(
          "failed to create endpoint"
              + "|failed to set up container networking"
              + "|network \\S+ not found"
              + "|could not find an available, non-overlapping"
              + "|no available ip");

  private NetworkFailures() {}

  static boolean isOne(DockerException failure) {
    return TEXT.matcher(String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT)).find();
  }
}
