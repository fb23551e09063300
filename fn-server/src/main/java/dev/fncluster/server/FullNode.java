package dev.fncluster.server;

import dev.fncluster.api.access.CachedDataAccess;
import dev.fncluster.api.extension.CallOverrider;
import dev.fncluster.api.extension.Extension;
import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.guard.Guarded;
import dev.fncluster.api.invoke.InvokeRoutes;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.management.ManagementSettings;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.node.ListenSettings;
import dev.fncluster.api.node.Node;
import dev.fncluster.api.node.NodeContext;
import dev.fncluster.api.node.NodeHttp;
import dev.fncluster.api.node.NodeStartException;
import dev.fncluster.api.node.StopSteps;
import dev.fncluster.api.node.ViewSettings;
import dev.fncluster.api.plugin.ExtensionSettings;
import dev.fncluster.api.plugin.NodeExtensions;
import dev.fncluster.api.plugin.NodePlugins;
import dev.fncluster.api.replay.ReplaySettings;
import dev.fncluster.api.replay.ReplaySpace;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.tls.TlsContexts;
import dev.fncluster.datastore.DatastoreSettings;
import dev.fncluster.lb.LbAgent;
import dev.fncluster.lb.LbAgentSettings;
import dev.fncluster.lb.LbStats;
import dev.fncluster.lb.LbViews;
import dev.fncluster.lb.RunnerLook;
import dev.fncluster.placer.PlacerSettings;
import dev.fncluster.placer.PlacerStats;
import dev.fncluster.placer.Placers;
import dev.fncluster.runner.ContainerDrivers;
import dev.fncluster.runner.RunnerAgent;
import dev.fncluster.runner.RunnerAgents;
import dev.fncluster.runner.RunnerSettings;
import dev.fncluster.runner.RunnerViews;
import dev.fncluster.runner.docker.DockerSettings;
import dev.fncluster.runner.docker.DockerViews;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.extension.ContainerDriverFactory;
import dev.fncluster.runner.extension.CreateContainerCustomizer;
import dev.fncluster.runner.logs.FunctionLogs;
import dev.fncluster.runner.logs.LogSettings;
import dev.fncluster.runnerpool.Placer;
import dev.fncluster.runnerpool.PlacerFactory;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.StaticRunnerPool;
import dev.fncluster.runnerpool.grpc.RunnerClientStats;
import dev.fncluster.stats.AgentMeters;
import dev.fncluster.stats.ApiViews;
import dev.fncluster.stats.BucketSets;
import dev.fncluster.stats.ViewRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything in one process: the management API, and a load balancer's agent whose only runner is
 * the runner agent next to it. A call takes the same way as in a cluster, without gRPC.
 */
@API(status = API.Status.MAINTAINED, since = "0.1")
public final class FullNode implements Node {
  private static final Logger log = LoggerFactory.getLogger(FullNode.class);

  private final NodeContext context;
  private final TlsContexts tls;
  private final ListenSettings listen;
  private final RunnerSettings runnerSettings;
  private final LogSettings logSettings;
  private final ReplaySettings replaySettings;
  private final LbAgentSettings agentSettings;
  private final PlacerSettings placerSettings;
  private final EventLoops loops;
  private final NodePlugins plugins;
  private final NodeExtensions extensions;
  private final Placer placer;
  private final List<CreateContainerCustomizer> customizers;
  private final @Nullable ContainerDriverFactory givenDriver;
  private final ContainerDrivers drivers;
  private final @Nullable Placer givenPlacer;
  private final Store store;
  private final CachedDataAccess data;
  private @Nullable LbAgent agent;
  private @Nullable NodeHttp http;

  private FullNode(Builder builder, NodePlugins plugins) {
    this.context = builder.context;
    tls = builder.tls;
    this.plugins = plugins;
    this.customizers = List.copyOf(builder.customizers);
    this.givenDriver = builder.driver;
    this.givenPlacer = builder.placer;
    Settings settings = context.settings();
    listen = ListenSettings.from(settings);
    runnerSettings = RunnerSettings.from(settings);
    logSettings = LogSettings.from(settings);
    replaySettings = ReplaySettings.from(settings);
    agentSettings = LbAgentSettings.from(settings);
    placerSettings = PlacerSettings.from(settings);
    drivers =
        new ContainerDrivers(
            DockerSettings.from(settings), Set.of(), customizers, plugins, context, givenDriver);
    ViewSettings viewSettings = ViewSettings.from(settings);
    ViewRegistry views = context.metrics().views();
    BucketSets buckets = builder.buckets == null ? viewSettings.buckets() : builder.buckets;
    // Before anything asks for a recorder.
    views.register(ApiViews.create(viewSettings.callTags(), buckets.latency()));
    views.register(LbViews.ofCalls(viewSettings.callTags(), buckets.lbLatency()));
    views.register(
        RunnerViews.create(viewSettings.callTags(), viewSettings.containerTags(), buckets));
    views.register(DockerViews.create(viewSettings.sampleTags(), buckets));
    extensions = plugins.extensions(builder.overriders, builder.extensions);
    placer =
        Placers.watched(
            Placers.of(
                builder.placer,
                builder.placerFactory,
                placerSettings,
                new PlacerStats(views),
                plugins),
            false,
            placerSettings,
            agentSettings.executionHeadroom(),
            plugins);
    store =
        plugins.part(
            Store.open(
                DatastoreSettings.from(settings),
                ManagementSettings.from(settings),
                IdGenerator.forThisMachine(listen.port()),
                InstantSource.system(),
                extensions),
            Store::close);
    store.export(views.meters());
    loops = plugins.part(EventLoops.create(listen.eventLoops(), "fn-loop"), EventLoops::close);
    data =
        plugins.part(store.read(builder.readDataAccess, plugins.runner()), CachedDataAccess::close);
  }

  /**
   * A full node with the settings of its process, not started; its store is open.
   *
   * @throws dev.fncluster.api.settings.SettingException when a setting is wrong or the store can't
   *     be opened
   */
  public static FullNode create(NodeContext context) {
    return builder(context).build();
  }

  /** Begins to put a full node together from the settings of its process. */
  public static Builder builder(NodeContext context) {
    return new Builder(context);
  }

  /** All settings that this kind of node reads. */
  public static List<Setting<?>> settings() {
    List<Setting<?>> all = new ArrayList<>(ListenSettings.all());
    all.addAll(ExtensionSettings.all());
    all.addAll(ContainerDrivers.all());
    all.addAll(DatastoreSettings.all());
    all.addAll(ManagementSettings.all());
    all.addAll(ReplaySettings.all());
    all.addAll(LbAgentSettings.all());
    all.addAll(PlacerSettings.all());
    all.addAll(RunnerSettings.all());
    all.addAll(DockerSettings.all());
    all.addAll(LogSettings.all());
    all.addAll(ViewSettings.all());
    return List.copyOf(all);
  }

  @Override
  public String name() {
    return "fn-server";
  }

  private @Nullable String obstacle(RunnerAgent runner) {
    String ofStore = store.obstacle();
    return ofStore != null ? ofStore : runner.obstacle().orElse(null);
  }

  @Override
  public void start() throws NodeStartException, IOException, InterruptedException {
    ViewRegistry views = context.metrics().views();
    ContainerDriver driver = drivers.start();
    plugins.watch(loops, givenPlacer, givenDriver, customizers.isEmpty() ? null : customizers);
    RunnerAgent runner =
        RunnerAgents.create(
            loops,
            runnerSettings,
            driver,
            // The load balancer's agent overrides; a call begins when it has got a container.
            extensions.calls().listenersOnly(),
            // The load balancer's agent counts each call once. This one hears of a call again and
            // again while it has no room for it.
            AgentMeters.onlyGauges(views),
            FunctionLogs.create(logSettings, views, Clock.systemUTC()),
            context,
            listen.port());
    RunnerPool pool =
        new StaticRunnerPool(List.of(new InProcessRunner(runner, new RunnerClientStats(views))));
    LbAgent calls =
        new LbAgent(
            pool,
            placer,
            agentSettings,
            extensions.calls().overridersOnly(),
            AgentMeters.onlyCounters(views),
            new LbStats(views),
            InstantSource.system(),
            context.tracing(),
            true);
    agent = calls;
    InvokeRoutes invoke =
        InvokeRoutes.create(
            data, calls, IdGenerator.forThisMachine(listen.port()), InstantSource.system());
    NodeHttp server =
        NodeHttp.builder(context, loops, listen)
            .tls(tls)
            .root(extensions.root(agentSettings.requestIdHeader()))
            .replaySpace(ReplaySpace.of(replaySettings))
            .settings(settings())
            .routes(Guarded.MANAGEMENT, store.middleware(), store::register)
            .routes(Guarded.MANAGEMENT, store::registerEndpoints)
            .routes(Guarded.INVOKE, invoke::addInvoke)
            .routes(Guarded.TRIGGERS, invoke::addTriggers)
            .readiness(() -> obstacle(runner))
            .debugView("runners", () -> RunnerLook.of(pool, plugins.runner()))
            .build();
    http = server;
    server.start();
    log.atInfo().addKeyValue("port", server.port()).log("full node is ready");
  }

  @Override
  public void stop(Duration grace) {
    NodeHttp server = http;
    LbAgent calls = agent;
    StopSteps steps = new StopSteps(grace);
    if (server != null) {
      steps.then("http", server::close);
    }
    if (calls != null) {
      steps.then("agent", calls::close);
    }
    steps.then("data", left -> data.close()).then("store", left -> store.close());
    if (server != null) {
      steps.then("admin", server::closeAdmin);
    }
    steps.then("loops", left -> loops.close()).then("plugins", left -> plugins.close()).end();
  }

  /** Puts a full node together. Not thread-safe. */
  public static final class Builder {
    private final NodeContext context;
    private final List<CallOverrider> overriders = new ArrayList<>();
    private final List<CreateContainerCustomizer> customizers = new ArrayList<>();
    private final List<Extension> extensions = new ArrayList<>();
    private @Nullable Placer placer;
    private @Nullable PlacerFactory placerFactory;
    private @Nullable ReadDataAccess readDataAccess;
    private TlsContexts tls = TlsContexts.none();
    private @Nullable BucketSets buckets;
    private @Nullable ContainerDriverFactory driver;

    private Builder(NodeContext context) {
      this.context = context;
    }

    /** Changes calls; several are applied in the order of being added. */
    public Builder overrider(CallOverrider value) {
      overriders.add(value);
      return this;
    }

    /** Does several things at once; several are set up in the order of being added. */
    public Builder extension(Extension value) {
      extensions.add(value);
      return this;
    }

    /**
     * Where apps, fns and triggers are read for calls, in the place of the node's store; what it
     * says is kept for a while as that would be.
     */
    public Builder readDataAccess(ReadDataAccess value) {
      readDataAccess = value;
      return this;
    }

    /** How calls are placed, on the one runner there is; as {@code FN_PLACER} says by default. */
    public Builder placer(Placer value) {
      placer = value;
      placerFactory = null;
      return this;
    }

    /** The same, made with what the node has for placers. */
    public Builder placer(PlacerFactory value) {
      placerFactory = value;
      placer = null;
      return this;
    }

    /**
     * Changes requests for containers; several are applied in the order of being added. Has an
     * effect where the node's own driver is used, also by a plugin or a factory.
     */
    public Builder customizer(CreateContainerCustomizer value) {
      customizers.add(value);
      return this;
    }

    /** What runs containers; as {@code FN_CONTAINER_DRIVER} says by default. The node closes it. */
    public Builder driver(ContainerDriver value) {
      return driver(context -> value);
    }

    /** The same, made with what the node has for drivers: its own one, to be wrapped. */
    public Builder driver(ContainerDriverFactory value) {
      driver = value;
      return this;
    }

    /** How metrics are spread; as {@code FN_METRICS_…_BUCKETS} say by default. */
    public Builder buckets(BucketSets value) {
      buckets = value;
      return this;
    }

    /**
     * TLS for the listeners that does not come from files; none by default.
     *
     * @param value of which those for {@link TlsContexts#WEB_SERVER} and {@link
     *     TlsContexts#ADMIN_SERVER} are used; extensions may ask for others
     */
    public Builder tls(TlsContexts value) {
      tls = value;
      return this;
    }

    /**
     * The node, not started; its store is open.
     *
     * @throws dev.fncluster.api.settings.SettingException when a setting is wrong or the store
     *     can't be opened
     */
    public FullNode build() {
      return NodePlugins.build(context.settings(), tls, plugins -> new FullNode(this, plugins));
    }
  }
}
