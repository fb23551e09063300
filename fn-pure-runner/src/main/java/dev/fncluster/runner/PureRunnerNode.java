package dev.fncluster.runner;

import dev.fncluster.api.extension.CallOverrider;
import dev.fncluster.api.extension.Extension;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.node.ListenSettings;
import dev.fncluster.api.node.Node;
import dev.fncluster.api.node.NodeContext;
import dev.fncluster.api.node.NodeHttp;
import dev.fncluster.api.node.NodeStartException;
import dev.fncluster.api.node.StopSteps;
import dev.fncluster.api.node.ViewSettings;
import dev.fncluster.api.plugin.CallExtensions;
import dev.fncluster.api.plugin.ExtensionSettings;
import dev.fncluster.api.plugin.NodeExtensions;
import dev.fncluster.api.plugin.NodePlugins;
import dev.fncluster.api.plugin.Subject;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.tls.MutualTls;
import dev.fncluster.api.tls.TlsContexts;
import dev.fncluster.runner.docker.DockerSettings;
import dev.fncluster.runner.docker.DockerViews;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.engage.Configuration;
import dev.fncluster.runner.engage.RunnerProtocolService;
import dev.fncluster.runner.engage.RunnerServer;
import dev.fncluster.runner.engage.SessionRules;
import dev.fncluster.runner.engage.TraceInterceptor;
import dev.fncluster.runner.extension.ConfigureHandler;
import dev.fncluster.runner.extension.ContainerDriverFactory;
import dev.fncluster.runner.extension.CreateContainerCustomizer;
import dev.fncluster.runner.extension.HealthChecker;
import dev.fncluster.runner.logs.BufferedLogStreamer;
import dev.fncluster.runner.logs.FunctionLogs;
import dev.fncluster.runner.logs.LogSettings;
import dev.fncluster.runner.logs.LogStreamer;
import dev.fncluster.runner.status.CachedProbe;
import dev.fncluster.runner.status.KernelDumps;
import dev.fncluster.runner.status.StatusCheck;
import dev.fncluster.runner.status.StatusImage;
import dev.fncluster.runner.status.StatusProbe;
import dev.fncluster.runner.status.StatusSettings;
import dev.fncluster.runner.status.StatusViews;
import dev.fncluster.stats.AgentMeters;
import dev.fncluster.stats.ApiViews;
import dev.fncluster.stats.BucketSets;
import dev.fncluster.stats.ViewRegistry;
import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.netty.GrpcSslContexts;
import io.micrometer.core.instrument.binder.grpc.MetricCollectingServerInterceptor;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pure runner: takes calls over gRPC and executes them in containers. Its HTTP listener only
 * tells about itself.
 *
 * <pre>
 *   load balancer ─▶ RunnerServer ─▶ RunnerProtocolService ─▶ RunnerAgent ─▶ ContainerDriver
 * </pre>
 */
@API(status = API.Status.MAINTAINED, since = "0.1")
public final class PureRunnerNode implements Node {
  private static final Logger log = LoggerFactory.getLogger(PureRunnerNode.class);

  private final NodeContext context;
  private final ListenSettings listen;
  private final PureRunnerSettings runnerSettings;
  private final RunnerSettings agentSettings;
  private final LogSettings logSettings;
  private final StatusSettings statusSettings;
  private final NodePlugins plugins;
  private final NodeExtensions extensions;
  private final List<CreateContainerCustomizer> customizers;
  private final @Nullable ContainerDriverFactory givenDriver;
  private final ContainerDrivers drivers;
  private final @Nullable HealthChecker healthChecker;
  private final @Nullable ConfigureHandler configureHandler;
  private final @Nullable LogStreamer givenStreamer;
  private final @Nullable LogStreamer logStreamer;
  private final ExecutorService virtualThreads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("status-", 0).factory());
  private final EventLoops loops;
  private final NodeHttp http;
  private volatile @Nullable RunnerAgent agent;
  private @Nullable RunnerServer grpc;
  private final @Nullable SslContext broughtTls;
  private @Nullable MutualTls tls;

  private PureRunnerNode(Builder builder, NodePlugins plugins) {
    context = builder.context;
    Settings settings = context.settings();
    listen = ListenSettings.from(settings);
    runnerSettings = PureRunnerSettings.from(settings);
    agentSettings = RunnerSettings.from(settings);
    logSettings = LogSettings.from(settings);
    statusSettings = StatusSettings.from(settings);
    ViewSettings viewSettings = ViewSettings.from(settings);
    this.plugins = plugins;
    extensions = plugins.extensions(builder.overriders, builder.extensions);
    customizers = List.copyOf(builder.customizers);
    broughtTls =
        builder.tls.of(TlsContexts.GRPC_SERVER, runnerSettings.tls(), "FN_GRPC_TLS").orElse(null);
    givenDriver = builder.driver;
    drivers =
        new ContainerDrivers(
            DockerSettings.from(settings),
            keptImages(),
            customizers,
            plugins,
            context,
            givenDriver);
    healthChecker = builder.healthChecker;
    configureHandler = builder.configureHandler;
    ViewRegistry views = context.metrics().views();
    BucketSets buckets = builder.buckets == null ? viewSettings.buckets() : builder.buckets;
    views.register(ApiViews.create(List.of(), buckets.latency()));
    views.register(
        RunnerViews.create(viewSettings.callTags(), viewSettings.containerTags(), buckets));
    views.register(StatusViews.all());
    givenStreamer = builder.logStreamer;
    logStreamer =
        builder.logStreamer == null && logSettings.streamed()
            ? new BufferedLogStreamer(views)
            : builder.logStreamer;
    views.register(DockerViews.create(viewSettings.sampleTags(), buckets));
    loops =
        plugins.part(EventLoops.create(listen.eventLoops(), "fn-runner-loop"), EventLoops::close);
    http =
        NodeHttp.builder(context, loops, listen)
            .settings(settings())
            .tls(builder.tls)
            .root(extensions.root(""))
            .readiness(this::obstacle)
            .build();
  }

  /** Begins to put a runner together from the settings of its process. */
  public static Builder builder(NodeContext context) {
    return new Builder(context);
  }

  /** All settings that this kind of node reads. */
  public static List<Setting<?>> settings() {
    List<Setting<?>> all = new ArrayList<>(ListenSettings.all());
    all.addAll(ExtensionSettings.all());
    all.addAll(ContainerDrivers.all());
    all.addAll(PureRunnerSettings.all());
    all.addAll(RunnerSettings.all());
    all.addAll(DockerSettings.all());
    all.addAll(StatusSettings.all());
    all.addAll(LogSettings.all());
    all.addAll(ViewSettings.all());
    return List.copyOf(all);
  }

  @Override
  public String name() {
    return "fn-pure-runner";
  }

  @Override
  public void start() throws NodeStartException, IOException, InterruptedException {
    SslContext security = security();
    ContainerDriver driver = drivers.start();
    plugins.watch(loops, givenDriver, customizers.isEmpty() ? null : customizers, givenStreamer);
    FunctionLogs logs =
        FunctionLogs.create(logSettings, context.metrics().views(), Clock.systemUTC());
    if (logStreamer != null) {
      logs.add(logStreamer);
    }
    RunnerAgent started =
        agent(loops, agentSettings, driver, extensions.calls(), logs, context, listen.port());
    agent = started;
    RunnerServer server =
        RunnerServer.start(
            loops, listen.address(runnerSettings.grpcPort()), security, measured(service(started)));
    grpc = server;
    // Last: who asks here learns that calls are taken.
    http.start();
    log.atInfo()
        .addKeyValue("grpc_port", server.port())
        .addKeyValue("port", http.port())
        .log("pure runner is ready");
  }

  /**
   * The port on which calls are taken.
   *
   * @throws IllegalStateException before it was started
   */
  public int grpcPort() {
    RunnerServer server = grpc;
    if (server == null) {
      throw new IllegalStateException("the node has not been started");
    }
    return server.port();
  }

  /** Functions whose containers run are served all the same; see decision 0021. */
  private @Nullable String obstacle() {
    RunnerAgent running = agent;
    return running == null ? null : running.obstacle().orElse(null);
  }

  private @Nullable SslContext security() throws NodeStartException {
    if (broughtTls != null || runnerSettings.tls().isEmpty()) {
      return broughtTls;
    }
    try {
      MutualTls files = MutualTls.server(runnerSettings.tls().get(), GrpcSslContexts::configure);
      tls = files;
      files.export(context.metrics().views().meters(), "grpc");
      return files.context();
    } catch (IOException e) {
      throw new NodeStartException("no TLS for gRPC: " + e, e);
    }
  }

  private BindableService measured(BindableService service) {
    MetricCollectingServerInterceptor meters =
        new MetricCollectingServerInterceptor(context.metrics().views().meters());
    List<ServerInterceptor> interceptors = new ArrayList<>(List.of(meters));
    if (context.tracing().isOn()) {
      interceptors.add(new TraceInterceptor(context.tracing()));
    }
    return () -> ServerInterceptors.intercept(service, interceptors);
  }

  private RunnerProtocolService service(RunnerAgent started) {
    return new RunnerProtocolService(
        started,
        Clock.systemUTC(),
        new SessionRules(agentSettings.detachedCalls(), statusSettings.image()),
        probe(started),
        new KernelDumps(statusSettings.kernelDumpsPath()),
        new Configuration(configureHandler, virtualThreads, plugins.runner()),
        logStreamer);
  }

  private Set<String> keptImages() {
    return statusSettings.image().isEmpty() ? Set.of() : Set.of(statusSettings.image());
  }

  private StatusProbe probe(RunnerAgent started) {
    if (statusSettings.image().isEmpty() && healthChecker == null) {
      return StatusProbe.NONE;
    }
    StatusImage image =
        statusSettings.image().isEmpty()
            ? null
            : new StatusImage(
                started, statusSettings.image(), started.ids(), loops.loops()::getFirst);
    return new CachedProbe(
        new StatusCheck(statusSettings, healthChecker, image, plugins.runner()),
        virtualThreads,
        System::nanoTime,
        context.metrics().views());
  }

  /** As {@link RunnerAgents#create}, for an agent that counts its calls itself. */
  @API(status = API.Status.INTERNAL)
  public static RunnerAgent agent(
      EventLoops loops,
      RunnerSettings settings,
      ContainerDriver driver,
      CallExtensions extensions,
      FunctionLogs logs,
      NodeContext context,
      int port)
      throws IOException {
    return RunnerAgents.create(
        loops,
        settings,
        driver,
        extensions,
        AgentMeters.of(context.metrics().views()),
        logs,
        context,
        port);
  }

  @Override
  public void stop(Duration grace) {
    RunnerServer server = grpc;
    RunnerAgent running = agent;
    StopSteps steps = new StopSteps(grace);
    http.stopping();
    LogStreamer streamer = logStreamer;
    if (server != null && running != null && streamer != null) {
      // Before gRPC, which waits for all streams; after the calls, whose last lines they carry.
      steps.then(
          "calls",
          left -> {
            server.refuseNew();
            running.awaitNoCalls(left);
          });
      steps.then(
          "log streams", left -> plugins.runner().run(streamer, Subject.NONE, streamer::close));
    }
    if (server != null) {
      steps.then("grpc", server::stop);
    }
    if (running != null) {
      steps.then("agent", running::close);
    }
    MutualTls security = tls;
    if (security != null) {
      steps.then("tls", left -> security.close());
    }
    steps.then("status", left -> virtualThreads.shutdownNow());
    steps
        .then("http", http::close)
        .then("admin", http::closeAdmin)
        .then("loops", left -> loops.close())
        .then("plugins", left -> plugins.close())
        .end();
  }

  /** Puts a runner together. Not thread-safe. */
  public static final class Builder {
    private final NodeContext context;
    private final List<CallOverrider> overriders = new ArrayList<>();
    private final List<Extension> extensions = new ArrayList<>();
    private final List<CreateContainerCustomizer> customizers = new ArrayList<>();
    private @Nullable ContainerDriverFactory driver;
    private @Nullable HealthChecker healthChecker;
    private @Nullable ConfigureHandler configureHandler;
    private @Nullable LogStreamer logStreamer;
    private TlsContexts tls = TlsContexts.none();
    private @Nullable BucketSets buckets;

    private Builder(NodeContext context) {
      this.context = context;
    }

    /**
     * Changes calls before they get a container; several are applied in the order of being added.
     */
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

    /** Asked whenever the status of the runner is found out; nobody by default. */
    public Builder healthChecker(HealthChecker value) {
      healthChecker = value;
      return this;
    }

    /** Gets what is sent with {@code ConfigureRunner}; by default it is only warned about. */
    public Builder configureHandler(ConfigureHandler value) {
      configureHandler = value;
      return this;
    }

    /**
     * What serves log collectors; {@link BufferedLogStreamer} by default, unless {@code
     * FN_ENABLE_LOG_STREAM} is false.
     */
    public Builder logStreamer(LogStreamer value) {
      logStreamer = value;
      return this;
    }

    /** How metrics are spread; as {@code FN_METRICS_…_BUCKETS} say by default. */
    public Builder buckets(BucketSets value) {
      buckets = value;
      return this;
    }

    /**
     * TLS for gRPC and the listeners that does not come from files; none by default.
     *
     * @param value of which a runner uses those for {@link TlsContexts#GRPC_SERVER}, {@link
     *     TlsContexts#WEB_SERVER} and {@link TlsContexts#ADMIN_SERVER}; extensions may ask for
     *     others
     */
    public Builder tls(TlsContexts value) {
      tls = value;
      return this;
    }

    /**
     * The node, not started.
     *
     * @throws dev.fncluster.api.settings.SettingException when a setting is wrong
     */
    public PureRunnerNode build() {
      return NodePlugins.build(
          context.settings(), tls, plugins -> new PureRunnerNode(this, plugins));
    }
  }
}
