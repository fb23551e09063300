package dev.fncluster.runner.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.runner.cgroup.Cgroups;
import dev.fncluster.runner.docker.engine.DockerEngine;
import dev.fncluster.runner.docker.engine.EngineApi;
import dev.fncluster.runner.docker.engine.EngineEvent;
import dev.fncluster.runner.docker.engine.EngineEvents;
import dev.fncluster.runner.docker.engine.EngineMeters;
import dev.fncluster.runner.docker.engine.EngineUnavailableException;
import dev.fncluster.runner.docker.image.DockerImages;
import dev.fncluster.runner.docker.namespace.NamespaceImage;
import dev.fncluster.runner.docker.namespace.NamespacePool;
import dev.fncluster.runner.docker.stats.StatsSampler;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.driver.ContainerExit;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.driver.DriverContainer;
import dev.fncluster.runner.driver.Freezer;
import dev.fncluster.runner.driver.ImageGoneException;
import dev.fncluster.runner.driver.OutputListener;
import dev.fncluster.runner.driver.PreparedImage;
import dev.fncluster.stats.ViewRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes containers with a Docker engine. */
public final class DockerDriver implements ContainerDriver {
  private static final Logger log = LoggerFactory.getLogger(DockerDriver.class);

  // How a call brings along a token for the registry of its image.
  private static final String REGISTRY_TOKEN = "FN_REGISTRY_TOKEN";

  private final DockerSettings settings;
  private final DockerEngine engine;
  private final DockerImages images;
  private final ContainerDeaths deaths;
  private final EngineEvents events;
  private final ContainerOptions options;
  private final DockerNetworks networks;
  private final NamespacePool namespaces;
  private final DockerFreezers freezers;
  private final ContainerOutputs outputs;
  private final StatsSampler sampler;
  private final Customizers customizers;
  private final String instanceId;
  private final Map<String, HoldableFreezer> frozen = new ConcurrentHashMap<>();
  private final DoubtfulContainers doubts = new DoubtfulContainers(this::remove);
  private volatile boolean engineAway;

  private DockerDriver(
      DockerSettings settings,
      DockerEngine engine,
      Cgroups cgroups,
      Set<String> keptImages,
      Customizers customizers,
      ViewRegistry registry) {
    this.settings = settings;
    this.customizers = customizers;
    this.freezers = new DockerFreezers(engine, cgroups);
    this.outputs = new ContainerOutputs(engine.address());
    this.engine = engine;
    this.sampler = new StatsSampler(engine, settings.statsInterval(), registry);
    byte[] id = new byte[16];
    ThreadLocalRandom.current().nextBytes(id);
    this.instanceId = HexFormat.of().formatHex(id);
    engine.meters().instance(instanceId);
    String hostname = hostname();
    this.options = new ContainerOptions(settings, hostname, instanceId);
    this.networks = new DockerNetworks(settings.networks());
    Optional<NamespaceImage> image = NamespaceImage.of(settings.namespaces(), engine);
    Set<String> kept = new HashSet<>(keptImages);
    image.ifPresent(each -> kept.add(each.name()));
    this.images = new DockerImages(engine, settings.images(), kept, registry);
    this.deaths = new ContainerDeaths(engine);
    this.namespaces = namespaces(settings, image, hostname);
    this.events = EngineEvents.follow(engine, new Listener());
  }

  /**
   * Connects to the engine, loads the images of {@code FN_DOCKER_LOAD_FILE} and removes what
   * earlier processes of this installation left behind.
   *
   * @param keptImages names of images that are never removed, whatever the settings say
   * @param registry where {@link DockerViews#all()} are registered
   * @throws dev.fncluster.api.settings.SettingException when there is no engine to work with
   * @throws IOException when the file can't be read, or the engine is not ready for a minute
   */
  public static DockerDriver start(
      DockerSettings settings, Set<String> keptImages, ViewRegistry registry)
      throws InterruptedException, IOException {
    return start(settings, keptImages, Customizers.none(), registry);
  }

  /**
   * As {@link #start(DockerSettings, Set, ViewRegistry)}.
   *
   * @param customizers change each request for a container
   */
  public static DockerDriver start(
      DockerSettings settings,
      Set<String> keptImages,
      Customizers customizers,
      ViewRegistry registry)
      throws InterruptedException, IOException {
    return start(settings, Cgroups.in(Path.of("/")), keptImages, customizers, registry);
  }

  /**
   * As {@link #start(DockerSettings, Set, ViewRegistry)}, with the control groups to look for
   * containers in: without any, the engine freezes them.
   */
  public static DockerDriver start(
      DockerSettings settings, Cgroups cgroups, Set<String> keptImages, ViewRegistry registry)
      throws InterruptedException, IOException {
    return start(settings, cgroups, keptImages, Customizers.none(), registry);
  }

  private static DockerDriver start(
      DockerSettings settings,
      Cgroups cgroups,
      Set<String> keptImages,
      Customizers customizers,
      ViewRegistry registry)
      throws InterruptedException, IOException {
    DockerEngine engine = DockerEngine.connect(settings.dockerHost(), new EngineMeters(registry));
    DockerDriver driver =
        new DockerDriver(settings, engine, cgroups, keptImages, customizers, registry);
    boolean started = false;
    try {
      if (settings.images().loadFile().isPresent()) {
        driver.images.load(Path.of(settings.images().loadFile().get()));
      }
      if (!settings.labelTag().isEmpty()) {
        new Leftovers(driver.new Leaving(), driver::isOwn).remove();
      }
      started = true;
      return driver;
    } finally {
      if (!started) {
        driver.close();
      }
    }
  }

  private NamespacePool namespaces(
      DockerSettings settings, Optional<NamespaceImage> image, String hostname) {
    int size = settings.namespacePoolSize();
    if (size > 0 && image.isEmpty()) {
      log.atInfo()
          .addKeyValue("system", engine.system())
          .addKeyValue("architecture", engine.architecture())
          .log("No image for network namespaces is known for this engine; there will be none");
    }
    return image
        .map(each ->
            new DockerNamespaces(
                engine,
                deaths,
                this::remove,
                each,
                settings.namespaceNetworks(),
                hostname,
                options.labels()))
        .map(maker -> NamespacePool.of(maker, size, settings.namespaces().useOnce()))
        .orElse(NamespacePool.none());
  }

  @Override
  public PreparedImage prepareImage(ContainerSpec spec, Duration pullTimeout)
      throws InterruptedException {
    try {
      return images.prepare(spec.image(), spec.extensions().get(REGISTRY_TOKEN), pullTimeout);
    } catch (EngineUnavailableException e) {
      throw elsewhere(spec.id(), e);
    }
  }

  @Override
  public DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit)
      throws InterruptedException {
    NetworkUse network =
        spec.networkDisabled()
            ? NetworkUse.none()
            : namespaces.take().map(NetworkUse::of).orElseGet(networks::take);
    DockerImages.Use image = images.use(spec.image());
    deaths.watch(spec.id(), onExit);
    boolean created = false;
    try {
      CreateContainerCmd command = engine.newContainer(spec.image());
      options.apply(command, spec, network.mode());
      customizers.customize(command, spec);
      options.identify(command, spec);
      String engineId = engine.call(EngineApi.CREATE_CONTAINER, client -> command.exec().getId());
      created = true;
      deaths.made(spec.id());
      network.onLoss(() -> cutOff(spec));
      return new Made(spec, engineId, network, image);
    } catch (InterruptedException e) {
      doubts.add(spec.id());
      throw e;
    } catch (EngineUnavailableException e) {
      // It may have been made, and only the answer got lost.
      doubts.add(spec.id());
      throw elsewhere(spec.id(), e);
    } catch (NotFoundException e) {
      images.gone(spec.image());
      throw new ImageGoneException(e);
    } catch (DockerException e) {
      throw SyslogFailures.isOne(e, spec) ? InvocationErrors.syslogUnavailable() : e;
    } finally {
      if (!created) {
        deaths.forget(spec.id());
        network.close();
        image.close();
      }
    }
  }

  @Override
  public String slotKeyExtension(Map<String, String> extensions) {
    return customizers.slotKeyExtension(extensions);
  }

  @Override
  public Optional<String> obstacle() {
    return engineAway ? Optional.of("the Docker engine does not answer") : Optional.empty();
  }

  @Override
  public void close() {
    namespaces.close();
    outputs.close();
    doubts.close();
    events.close();
    sampler.close();
    images.close();
    engine.close();
  }

  private final class Listener implements EngineEvents.Listener {
    @Override
    public void event(EngineEvent event) {
      deaths.event(event);
      images.event(event);
    }

    @Override
    public void opened() throws InterruptedException {
      deaths.lookUp();
    }

    @Override
    public void connected(boolean value) {
      engineAway = !value;
      images.changed();
      frozen.values().forEach(value ? HoldableFreezer::release : HoldableFreezer::hold);
      if (value) {
        namespaces.renew();
      }
    }
  }

  /** Nothing was executed: another runner, whose engine is well, may have the call. */
  private static FnException elsewhere(String container, RuntimeException cause) {
    log.atWarn()
        .addKeyValue("container_id", container)
        .addKeyValue("reason", cause.getMessage())
        .log("A container could not be started");
    return InvocationErrors.serverBusy();
  }

  private boolean isOwn(Container container) {
    return instanceId.equals(container.getLabels().get(ContainerOptions.INSTANCE_LABEL));
  }

  private final class Leaving implements Leftovers.Engine {
    @Override
    public List<Container> list() throws InterruptedException {
      return engine.call(
          EngineApi.LIST_CONTAINERS,
          client ->
              client
                  .listContainersCmd()
                  .withShowAll(true)
                  .withLabelFilter(Map.of(ContainerOptions.TAG_LABEL, settings.labelTag()))
                  .exec());
    }

    @Override
    public void remove(Container container) throws InterruptedException {
      freezers.thawLeftover(container);
      DockerDriver.this.remove(container.getId());
    }
  }

  /** The container's network has gone for good: its next calls would fail in obscure ways. */
  private void cutOff(ContainerSpec spec) {
    log.atWarn()
        .addKeyValue("container_id", spec.id())
        .addKeyValue("fn_id", spec.fnId())
        .addKeyValue("app_id", spec.appId())
        .log("A container is stopped because its network has gone");
    doubts.add(spec.id());
  }

  private void remove(String id) throws InterruptedException {
    try {
      engine.call(
          EngineApi.REMOVE_CONTAINER,
          client -> {
            client.removeContainerCmd(id).withForce(true).withRemoveVolumes(true).exec();
            return id;
          });
    } catch (NotFoundException e) {
      log.atDebug().addKeyValue("container_id", id).log("The container is gone already");
    } catch (ConflictException e) {
      log.atDebug().addKeyValue("container_id", id).log("The container is being removed already");
    }
  }

  private static String hostname() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private final class Made implements DriverContainer {
    private final ContainerSpec spec;
    private final String id;
    private final String engineId;
    private final NetworkUse network;
    private final DockerImages.Use image;
    private final StatsSampler.Watched stats;
    private final AtomicBoolean removed = new AtomicBoolean();
    private volatile ContainerOutputs.@Nullable Attachment attachment;

    Made(ContainerSpec spec, String engineId, NetworkUse network, DockerImages.Use image) {
      this.spec = spec;
      this.id = spec.id();
      this.engineId = engineId;
      this.network = network;
      this.image = image;
      this.stats = sampler.watch(engineId, spec);
    }

    @Override
    public void follow(OutputListener listener) throws InterruptedException, IOException {
      long began = System.nanoTime();
      Throwable failure = null;
      try {
        attachment = outputs.attach(engineId, listener, () -> deaths.isWatched(id));
      } catch (IOException e) {
        failure = e;
        throw e;
      } finally {
        engine.meters().called(EngineApi.ATTACH_CONTAINER, System.nanoTime() - began, failure);
      }
    }

    @Override
    public void start() throws InterruptedException {
      try {
        engine.call(
            EngineApi.START_CONTAINER,
            client -> {
              client.startContainerCmd(id).exec();
              return id;
            });
      } catch (EngineUnavailableException e) {
        throw elsewhere(id, e);
      } catch (DockerException e) {
        if (network.isCauseOf(e)) {
          network.lost();
          throw elsewhere(id, e);
        }
        throw SyslogFailures.isOne(e, spec) ? InvocationErrors.syslogUnavailable() : e;
      }
    }

    @Override
    public Optional<Freezer> freezer() throws InterruptedException {
      HoldableFreezer freezer = new HoldableFreezer(freezers.freezer(engineId), stats::frozen);
      frozen.put(id, freezer);
      if (engineAway) {
        freezer.hold();
      }
      return Optional.of(freezer);
    }

    @Override
    public void remove() throws InterruptedException {
      deaths.forget(id);
      frozen.remove(id);
      stats.close();
      DockerDriver.this.remove(id);
      ContainerOutputs.Attachment followed = attachment;
      if (followed != null) {
        followed.removed();
      }
      if (removed.compareAndSet(false, true)) {
        network.close();
        image.close();
      }
    }
  }
}
