package dev.fncluster.runner.docker;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Spreads containers evenly over a few networks. Thread-safe. */
final class DockerNetworks {
  /** The engine's name for a network that has nothing but the loopback. */
  static final String NONE = "none";

  private final Map<String, Integer> containers = new LinkedHashMap<>();

  DockerNetworks(List<String> names) {
    names.forEach(name -> containers.put(name, 0));
  }

  /** The network with the fewest containers, or null when there are none to choose from. */
  synchronized @Nullable String take() {
    String best = null;
    int fewest = Integer.MAX_VALUE;
    for (Map.Entry<String, Integer> each : containers.entrySet()) {
      if (each.getValue() < fewest) {
        best = each.getKey();
        fewest = each.getValue();
      }
    }
    if (best != null) {
      containers.merge(best, 1, Integer::sum);
    }
    return best;
  }

  /** A container has left {@code network}. */
  synchronized void giveBack(@Nullable String network) {
    if (network != null) {
      containers.computeIfPresent(network, (name, count) -> Math.max(0, count - 1));
    }
  }
}
