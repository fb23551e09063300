package dev.fncluster.runner.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import dev.fncluster.runner.docker.engine.DockerEngine;
import dev.fncluster.runner.docker.engine.EngineApi;
import dev.fncluster.runner.docker.namespace.NamespaceImage;
import dev.fncluster.runner.docker.namespace.NamespacePool;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Makes the containers that hold network namespaces. Blocks; thread-safe. */
final class DockerNamespaces implements NamespacePool.Engine {
  /** How containers of this driver are removed. */
  @FunctionalInterface
  interface Removal {
    void remove(String name) throws InterruptedException;
  }

  private final DockerEngine engine;
  private final ContainerDeaths deaths;
  private final Removal removal;
  private final NamespaceImage image;
  private final List<String> networks;
  private final String hostname;
  private final Map<String, String> labels;
  private final AtomicInteger made = new AtomicInteger();

  /**
   * Containers of {@code image}, spread in turn over {@code networks}.
   *
   * @param networks empty for the engine's default
   * @param hostname what functions see as the name of their machine
   */
  DockerNamespaces(
      DockerEngine engine,
      ContainerDeaths deaths,
      Removal removal,
      NamespaceImage image,
      List<String> networks,
      String hostname,
      Map<String, String> labels) {
    this.engine = engine;
    this.deaths = deaths;
    this.removal = removal;
    this.image = image;
    this.networks = networks;
    this.hostname = hostname;
    this.labels = labels;
  }

  @Override
  public void make(String name, Runnable onEnd) throws InterruptedException {
    String network =
        networks.isEmpty()
            ? null
            : networks.get(Math.floorMod(made.getAndIncrement(), networks.size()));
    deaths.watch(name, exit -> onEnd.run());
    boolean started = false;
    try {
      try {
        create(name, network);
      } catch (NotFoundException e) {
        if (!image.load(engine)) {
          throw e;
        }
        create(name, network);
      }
      deaths.made(name);
      engine.call(
          EngineApi.START_CONTAINER,
          client -> {
            client.startContainerCmd(name).exec();
            return name;
          });
      started = true;
    } finally {
      if (!started) {
        deaths.forget(name);
      }
    }
  }

  private void create(String name, @Nullable String network) throws InterruptedException {
    engine.call(
        EngineApi.CREATE_CONTAINER,
        client -> {
          HostConfig host =
              new HostConfig()
                  .withLogConfig(new LogConfig(LogConfig.LoggingType.NONE))
                  .withReadonlyRootfs(true)
                  .withCapDrop(Capability.ALL)
                  .withSecurityOpts(List.of("no-new-privileges"));
          if (network != null) {
            host.withNetworkMode(network);
          }
          CreateContainerCmd command =
              client
                  .createContainerCmd(image.name())
                  .withName(name)
                  .withHostName(hostname)
                  .withUser("1000:1000")
                  .withCmd(image.command())
                  // Nothing in it hears of another one, and an engine that stops would wait for it.
                  .withStopSignal("SIGKILL")
                  .withLabels(labels)
                  .withHostConfig(host);
          return command.exec().getId();
        });
  }

  @Override
  public void remove(String name) throws InterruptedException {
    deaths.forget(name);
    removal.remove(name);
  }
}
