package dev.fncluster.runner.docker;

import com.github.dockerjava.api.exception.DockerException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Spreads containers evenly over a few networks. Thread-safe. */
final class DockerNetworks {
  private final Map<String, Integer> containers = new LinkedHashMap<>();

  DockerNetworks(List<String> names) {
    names.forEach(name -> containers.put(name, 0));
  }

  /** The network with the fewest containers; the engine's default when there is none to choose. */
  NetworkUse take() {
    String network = choose();
    AtomicBoolean closed = new AtomicBoolean();
    return new NetworkUse() {
      @Override
      public @Nullable String mode() {
        return network;
      }

      @Override
      public boolean isCauseOf(DockerException failure) {
        return NetworkFailures.isOne(failure);
      }

      // The engine's networks are not ours to be lost.
      @Override
      public void lost() {
        close();
      }

      @Override
      public void onLoss(Runnable action) {}

      @Override
      public void close() {
        if (closed.compareAndSet(false, true)) {
          giveBack(network);
        }
      }
    };
  }

  private synchronized @Nullable String choose() {
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

  private synchronized void giveBack(@Nullable String network) {
    if (network != null) {
      containers.computeIfPresent(network, (name, count) -> Math.max(0, count - 1));
    }
  }
}
