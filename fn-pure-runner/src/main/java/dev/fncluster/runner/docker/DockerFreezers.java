package dev.fncluster.runner.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Container;
import dev.fncluster.runner.cgroup.CgroupFreezer;
import dev.fncluster.runner.cgroup.Cgroups;
import dev.fncluster.runner.docker.engine.DockerEngine;
import dev.fncluster.runner.docker.engine.EngineApi;
import dev.fncluster.runner.docker.engine.EngineUnavailableException;
import dev.fncluster.runner.driver.Freezer;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the quickest way to freeze a container: its control group where this process sees it, the
 * engine otherwise. Blocks; thread-safe.
 */
final class DockerFreezers {
  private static final Logger log = LoggerFactory.getLogger(DockerFreezers.class);

  private final DockerEngine engine;
  private final Cgroups cgroups;
  private final AtomicBoolean slowWayTold = new AtomicBoolean();

  DockerFreezers(DockerEngine engine, Cgroups cgroups) {
    this.engine = engine;
    this.cgroups = cgroups;
  }

  /**
   * What freezes the container that runs as {@code id}.
   *
   * @param id the engine's own long id
   */
  Freezer freezer(String id) throws InterruptedException {
    try {
      Optional<CgroupFreezer> found = find(id);
      if (found.isPresent()) {
        return found.get();
      }
    } catch (EngineUnavailableException | DockerException e) {
      // It serves all the same.
      log.atInfo()
          .addKeyValue("container_id", id)
          .addKeyValue("reason", e.getMessage())
          .log("The engine does not say where the control group of a container is");
      return new EngineFreezer(engine, id);
    }
    if (slowWayTold.compareAndSet(false, true)) {
      log.atInfo().log(
          "Control groups of containers can't be reached: the engine freezes them, slowly");
    }
    return new EngineFreezer(engine, id);
  }

  /** Thaws what a runner that crashed left frozen, which could not be killed otherwise. */
  void thawLeftover(Container container) throws InterruptedException {
    String id = container.getId();
    try {
      if (container.getStatus() != null && container.getStatus().contains("(Paused)")) {
        new EngineFreezer(engine, id).thaw();
      } else if ("running".equals(container.getState())) {
        Optional<CgroupFreezer> found = find(id);
        if (found.isPresent() && found.get().isFrozen()) {
          found.get().thaw();
        }
      }
    } catch (IOException | DockerException e) {
      log.atWarn()
          .addKeyValue("container_id", id)
          .setCause(e)
          .log("A container that an earlier runner left behind may be frozen");
    }
  }

  private Optional<CgroupFreezer> find(String id) throws InterruptedException {
    Optional<CgroupFreezer> byName = cgroups.freezer(id);
    if (byName.isPresent() || cgroups.isEmpty()) {
      return byName;
    }
    InspectContainerResponse.ContainerState state =
        engine.call(
            EngineApi.INSPECT_CONTAINER,
            client -> client.inspectContainerCmd(id).exec().getState());
    Long pid = state == null ? null : state.getPidLong();
    return pid == null || pid <= 0 ? Optional.empty() : cgroups.freezer(id, pid);
  }
}
