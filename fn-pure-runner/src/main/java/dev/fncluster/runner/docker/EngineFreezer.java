package dev.fncluster.runner.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.SyncDockerCmd;
import com.github.dockerjava.api.exception.DockerException;
import dev.fncluster.runner.docker.engine.DockerEngine;
import dev.fncluster.runner.docker.engine.EngineApi;
import dev.fncluster.runner.driver.Freezer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Has the engine pause and unpause a container: works everywhere and takes tens of milliseconds.
 */
final class EngineFreezer implements Freezer {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final DockerEngine engine;
  private final String id;

  EngineFreezer(DockerEngine engine, String id) {
    this.engine = engine;
    this.id = id;
  }

  @Override
  public void freeze() throws IOException, InterruptedException {
    call(EngineApi.PAUSE_CONTAINER, client -> client.pauseContainerCmd(id), "is already paused");
  }

  @Override
  public void thaw() throws IOException, InterruptedException {
    call(EngineApi.UNPAUSE_CONTAINER, client -> client.unpauseContainerCmd(id), "is not paused");
  }

  /**
   * Waits for the engine, but not for as long as it may take: a call could be waiting for this.
   *
   * @param done what the engine says when there is nothing to do
   */
  private void call(EngineApi api, Function<DockerClient, SyncDockerCmd<Void>> command, String done)
      throws IOException, InterruptedException {
    CompletableFuture<Void> end = new CompletableFuture<>();
    Thread worker =
        Thread.ofVirtual()
            .name("docker-freezer")
            .start(() -> {
              try {
                engine.call(
                    api,
                    client -> {
                      command.apply(client).exec();
                      return id;
                    });
                end.complete(null);
              } catch (InterruptedException | RuntimeException e) {
                end.completeExceptionally(e);
              }
            });
    try {
      end.get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof DockerException && String.valueOf(cause.getMessage()).contains(done)) {
        return;
      }
      throw new IOException("the engine did not pause or unpause a container", cause);
    } catch (TimeoutException e) {
      worker.interrupt();
      throw new IOException("the engine did not pause or unpause a container in " + LIMIT, e);
    }
  }
}
