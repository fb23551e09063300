package dev.fncluster.runner.docker;

import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import dev.fncluster.runner.docker.namespace.NamespacePool;
import org.jspecify.annotations.Nullable;

/** What a container is connected to, until it is closed. Idempotent; thread-safe. */
interface NetworkUse extends AutoCloseable {
  /** The engine's name for a network that has nothing but the loopback. */
  String NO_NETWORK = "none";

  /** The engine's word for it; null for the engine's default. */
  @Nullable String mode();

  /** Whether a container could not be started because this has gone, or is of no use. */
  default boolean isCauseOf(DockerException failure) {
    return false;
  }

  /** The engine can't connect a container to it: it is closed, and nobody is given it again. */
  void lost();

  /** Has {@code action} run, on a thread that may block, if it goes before this is closed. */
  void onLoss(Runnable action);

  @Override
  void close();

  /** The loopback alone. */
  static NetworkUse none() {
    return new NetworkUse() {
      @Override
      public String mode() {
        return NO_NETWORK;
      }

      @Override
      public void lost() {}

      @Override
      public void onLoss(Runnable action) {}

      @Override
      public void close() {}
    };
  }

  /** The namespace of another container. */
  static NetworkUse of(NamespacePool.Lease namespace) {
    return new NetworkUse() {
      @Override
      public String mode() {
        return "container:" + namespace.container();
      }

      @Override
      public boolean isCauseOf(DockerException failure) {
        return failure instanceof NotFoundException
            || String.valueOf(failure.getMessage()).contains("cannot join network");
      }

      @Override
      public void lost() {
        namespace.lost();
      }

      @Override
      public void onLoss(Runnable action) {
        namespace.onLoss(action);
      }

      @Override
      public void close() {
        namespace.close();
      }
    };
  }
}
