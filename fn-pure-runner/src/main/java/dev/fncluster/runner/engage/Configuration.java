package dev.fncluster.runner.engage;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.Subject;
import dev.fncluster.proto.ConfigMsg;
import dev.fncluster.proto.ConfigStatus;
import dev.fncluster.runner.extension.ConfigureHandler;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes {@code ConfigureRunner} on to the handler of the embedding program. Thread-safe. */
public final class Configuration {
  private static final Logger log = LoggerFactory.getLogger(Configuration.class);

  private final @Nullable ConfigureHandler handler;
  private final Executor virtualThreads;
  private final ExtensionRunner extensions;

  /**
   * Passes requests on.
   *
   * @param handler null for none: requests are answered, and warned about
   * @param virtualThreads where requests wait
   * @param extensions runs the handler
   */
  public Configuration(
      @Nullable ConfigureHandler handler, Executor virtualThreads, ExtensionRunner extensions) {
    this.handler = handler;
    this.virtualThreads = virtualThreads;
    this.extensions = extensions;
  }

  void configure(ConfigMsg request, StreamObserver<ConfigStatus> out) {
    ServerCallStreamObserver<ConfigStatus> answer = (ServerCallStreamObserver<ConfigStatus>) out;
    answer.setOnCancelHandler(() -> log.debug("The sender of a configuration has left"));
    ConfigureHandler with = handler;
    if (with == null) {
      log.warn("ConfigureRunner was called, but this runner has no handler for it");
      done(answer);
      return;
    }
    Map<String, String> config = Map.copyOf(request.getConfigMap());
    try {
      virtualThreads.execute(() -> {
        Status failure = apply(with, config);
        if (failure == null) {
          done(answer);
        } else if (!answer.isCancelled()) {
          answer.onError(failure.asRuntimeException());
        }
      });
    } catch (RejectedExecutionException e) {
      answer.onError(Status.UNAVAILABLE.withDescription("the runner stops").asRuntimeException());
    }
  }

  private @Nullable Status apply(ConfigureHandler with, Map<String, String> config) {
    try {
      return extensions
          .call(with, Subject.NONE, () -> Optional.ofNullable(applied(with, config)))
          .orElse(null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Status.UNAVAILABLE.withDescription("the runner stops");
    } catch (FnException hung) {
      return Status.DEADLINE_EXCEEDED.withDescription(
          "the handler took more than " + extensions.limit().toMillis() + " ms");
    }
  }

  /** Null for success; any failure but that of being late becomes a status here. */
  private static @Nullable Status applied(ConfigureHandler with, Map<String, String> config) {
    try {
      with.configure(config);
      return null;
    } catch (IllegalArgumentException e) {
      return Status.INVALID_ARGUMENT.withDescription(e.getMessage());
    } catch (Exception | LinkageError e) {
      log.atWarn()
          .addKeyValue("handler", with.getClass().getName())
          .setCause(e)
          .log("A configuration could not be applied");
      return Status.UNKNOWN.withDescription(e.getMessage());
    }
  }

  private static void done(ServerCallStreamObserver<ConfigStatus> answer) {
    if (!answer.isCancelled()) {
      answer.onNext(ConfigStatus.getDefaultInstance());
      answer.onCompleted();
    }
  }
}
