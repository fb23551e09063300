package dev.fncluster.runner;

import dev.fncluster.api.node.NodeContext;
import dev.fncluster.api.node.NodeStartException;
import dev.fncluster.api.plugin.NodePlugins;
import dev.fncluster.api.plugin.SettingsContext;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.runner.container.GuardedDriver;
import dev.fncluster.runner.docker.Customizers;
import dev.fncluster.runner.docker.DockerDriver;
import dev.fncluster.runner.docker.DockerSettings;
import dev.fncluster.runner.docker.DockerViews;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.extension.ContainerDriverContext;
import dev.fncluster.runner.extension.ContainerDriverFactory;
import dev.fncluster.runner.extension.CreateContainerCustomizer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the container driver that the settings name. For one node, once. */
public final class ContainerDrivers {
  private static final String DOCKER = "docker";

  /** Which driver. */
  public static final Setting<String> DRIVER =
      Setting.wordOrPlugin(
          "FN_CONTAINER_DRIVER",
          DOCKER,
          List.of(DOCKER),
          "What runs the containers of functions: docker for a Docker engine, or a plugin.");

  /** How long a driver of others may take. */
  public static final Setting<Duration> LIMIT =
      Setting.duration(
              "FN_CONTAINER_DRIVER_TIMEOUT",
              Duration.ofMinutes(2),
              "How long a plugin of FN_CONTAINER_DRIVER may take over one step about one container, such"
                  + " as making or removing it; a pull of an image has its own time beside.")
          .checked(ContainerDrivers::needsTime);

  private final DockerSettings settings;
  private final Set<String> keptImages;
  private final List<CreateContainerCustomizer> customizers;
  private final NodePlugins plugins;
  private final NodeContext context;
  private final @Nullable ContainerDriverFactory given;
  private final String name;

  /**
   * Nothing is started yet.
   *
   * @param keptImages that are never removed; see {@link DockerDriver#start}
   * @param customizers of the embedding program; they come before those of a plugin
   * @param context whose metrics have {@link DockerViews#all()}
   * @param given what the embedding program brings; null for what the settings name
   * @throws SettingException when no driver has that name, or both the node's own and a plugin
   */
  public ContainerDrivers(
      DockerSettings settings,
      Set<String> keptImages,
      List<CreateContainerCustomizer> customizers,
      NodePlugins plugins,
      NodeContext context,
      @Nullable ContainerDriverFactory given) {
    this.settings = settings;
    this.keptImages = Set.copyOf(keptImages);
    this.customizers = List.copyOf(customizers);
    this.plugins = plugins;
    this.context = context;
    this.given = given;
    name = context.settings().get(DRIVER);
    if (given == null) {
      checkName();
    }
  }

  private void checkName() {
    if (name.equals(DOCKER)) {
      plugins.plugins().checkBuiltIn(ContainerDriverFactory.class, DRIVER, DOCKER);
    } else {
      plugins.plugins().check(ContainerDriverFactory.class, DRIVER, name, List.of(DOCKER));
    }
  }

  /** All settings of this class. */
  public static List<Setting<?>> all() {
    return List.of(DRIVER, LIMIT);
  }

  /**
   * Starts the driver.
   *
   * @throws NodeStartException when the engine does not answer or is too old
   * @throws SettingException when a plugin fails
   */
  public ContainerDriver start() throws NodeStartException, InterruptedException {
    Duration limit = context.settings().get(LIMIT);
    ContainerDriverFactory factory = given;
    if (factory == null && name.equals(DOCKER)) {
      return docker(customizers);
    }
    ContainerDriver made =
        factory == null ? plugged() : plugins.make(factory, () -> factory.create(new Context()));
    return new GuardedDriver(made, plugins.runner(), limit);
  }

  private static void needsTime(Duration limit) {
    if (limit.isZero()) {
      throw new SettingException("FN_CONTAINER_DRIVER_TIMEOUT is 0; drivers need some time");
    }
  }

  private ContainerDriver plugged() {
    return plugins
        .plugins()
        .make(
            ContainerDriverFactory.class,
            DRIVER,
            name,
            List.of(DOCKER),
            factory -> factory.create(new Context()));
  }

  private ContainerDriver docker(List<CreateContainerCustomizer> all)
      throws NodeStartException, InterruptedException {
    try {
      return DockerDriver.start(
          settings, keptImages, new Customizers(all, plugins.runner()), context.metrics().views());
    } catch (IOException e) {
      throw new NodeStartException(
          "the Docker engine can't be used: " + e.getMessage() + "; is it running?", e);
    }
  }

  private final class Context extends SettingsContext implements ContainerDriverContext {
    private boolean used;

    Context() {
      super(plugins);
    }

    @Override
    public ContainerDriver docker(CreateContainerCustomizer... more)
        throws NodeStartException, InterruptedException {
      if (used) {
        throw new IllegalStateException("a node has one driver for its engine, not several");
      }
      used = true;
      List<CreateContainerCustomizer> all = new ArrayList<>(customizers);
      all.addAll(List.of(more));
      return ContainerDrivers.this.docker(all);
    }
  }
}
