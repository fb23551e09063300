package dev.fncluster.lb;

import dev.fncluster.api.access.AccessSettings;
import dev.fncluster.api.access.CachedDataAccess;
import dev.fncluster.api.access.GuardedDataAccess;
import dev.fncluster.api.access.HybridClient;
import dev.fncluster.api.extension.CallOverrider;
import dev.fncluster.api.extension.Extension;
import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.guard.Guarded;
import dev.fncluster.api.invoke.InvokeRoutes;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.node.ListenSettings;
import dev.fncluster.api.node.Node;
import dev.fncluster.api.node.NodeContext;
import dev.fncluster.api.node.NodeHttp;
import dev.fncluster.api.node.NodeStartException;
import dev.fncluster.api.node.StopSteps;
import dev.fncluster.api.node.ViewSettings;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.ExtensionSettings;
import dev.fncluster.api.plugin.NodeExtensions;
import dev.fncluster.api.plugin.NodePlugins;
import dev.fncluster.api.plugin.Subject;
import dev.fncluster.api.replay.ReplaySettings;
import dev.fncluster.api.replay.ReplaySpace;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.tls.TlsContexts;
import dev.fncluster.placer.PlacerSettings;
import dev.fncluster.placer.PlacerStats;
import dev.fncluster.placer.Placers;
import dev.fncluster.runnerpool.Placer;
import dev.fncluster.runnerpool.PlacerFactory;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.RunnerPoolFactory;
import dev.fncluster.runnerpool.config.RunnerPoolSettings;
import dev.fncluster.runnerpool.config.RunnerPools;
import dev.fncluster.stats.AgentMeters;
import dev.fncluster.stats.BucketSets;
import dev.fncluster.stats.ViewRegistry;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A load balancer: takes invocations over HTTP, reads functions from the API node and places the
 * calls on runners. It has no Docker and no store.
 *
 * <pre>
 *   HttpServer ─▶ InvokeRoutes ─▶ LbAgent ─▶ Placer ─▶ RunnerPool of GrpcRunners
 *                     └─▶ CachedDataAccess ─▶ HybridClient ─▶ API node
 * </pre>
 */
@API(status = API.Status.MAINTAINED, since = "0.1")
public final class LbNode implements Node {
  private static final Logger log = LoggerFactory.getLogger(LbNode.class);

  private final EventLoops loops;
  private final @Nullable HybridClient api;
  private final CachedDataAccess data;
  private final LbAgent agent;
  private final NodeHttp http;
  private final @Nullable RunnerSecurity security;
  private final NodePlugins plugins;

  private LbNode(Builder builder, NodePlugins plugins) {
    this.plugins = plugins;
    NodeContext context = builder.context;
    Settings settings = context.settings();
    // All settings before the first thread, so that a wrong one leaves nothing behind.
    ListenSettings listen = ListenSettings.from(settings);
    ReplaySettings replay = ReplaySettings.from(settings);
    ReadDataAccess givenAccess = builder.readDataAccess;
    @Nullable AccessSettings access = givenAccess == null ? AccessSettings.from(settings) : null;
    LbAgentSettings agentSettings = LbAgentSettings.from(settings);
    PlacerSettings placerSettings = PlacerSettings.from(settings);
    ViewSettings viewSettings = ViewSettings.from(settings);
    BucketSets buckets = builder.buckets == null ? viewSettings.buckets() : builder.buckets;
    RunnerPool given = builder.pool;
    @Nullable RunnerPoolSettings poolSettings =
        given == null ? builder.poolSettings(settings) : null;
    InstantSource clock = InstantSource.system();
    if (poolSettings == null && builder.runnerTls != null) {
      throw new IllegalStateException("a pool of one's own makes its own connections to runners");
    }
    security =
        poolSettings == null
            ? null
            : plugins.part(
                RunnerSecurity.of(poolSettings.tls(), builder.runnerTls), RunnerSecurity::close);

    ViewRegistry views = context.metrics().views();
    if (security != null) {
      security.export(views.meters());
    }
    views.register(LbViews.create(viewSettings.callTags(), buckets));
    loops = plugins.part(EventLoops.create(listen.eventLoops(), "fn-lb-loop"), EventLoops::close);
    NodeExtensions extensions = plugins.extensions(builder.overriders, builder.extensions);
    Placer placer =
        Placers.watched(
            Placers.of(
                builder.placer,
                builder.placerFactory,
                placerSettings,
                new PlacerStats(views),
                plugins),
            poolSettings == null || isForeign(poolSettings.where()),
            placerSettings,
            agentSettings.executionHeadroom(),
            plugins);
    RunnerPool pool =
        builder.pool == null
            ? plugins.part(
                runners(poolSettings, security, loops, views, plugins),
                made ->
                    plugins.runner().run(made, Subject.NONE, () -> made.shutdown(Duration.ZERO)))
            : builder.pool;
    plugins.watch(loops, builder.pool, builder.placer);
    agent =
        new LbAgent(
            pool,
            placer,
            agentSettings,
            extensions.calls(),
            AgentMeters.of(views),
            new LbStats(views),
            clock,
            context.tracing(),
            false);
    api = access == null ? null : plugins.part(new HybridClient(access), HybridClient::close);
    ReadDataAccess source = source(api, givenAccess, plugins);
    extensions.reads(source);
    data = plugins.part(CachedDataAccess.create(source), CachedDataAccess::close);
    InvokeRoutes invoke =
        InvokeRoutes.create(data, agent, IdGenerator.forThisMachine(listen.port()), clock);
    http =
        NodeHttp.builder(context, loops, listen)
            .root(extensions.root(agentSettings.requestIdHeader()))
            .tls(builder.tls)
            .replaySpace(ReplaySpace.of(replay))
            .settings(settings())
            .readiness(() -> obstacle(pool, plugins.runner()))
            .debugView("runners", () -> RunnerLook.of(pool, plugins.runner()))
            .routes(Guarded.INVOKE, invoke::addInvoke)
            .routes(Guarded.TRIGGERS, invoke::addTriggers)
            .build();
  }

  /** Whether runners may be of others, and not of our own make. */
  private static boolean isForeign(RunnerPoolSettings.Where where) {
    return switch (where) {
      case RunnerPoolSettings.Plugged plugged -> true;
      case RunnerPoolSettings.Brought brought -> true;
      case RunnerPoolSettings.Fixed fixed -> false;
      case RunnerPoolSettings.Dns dns -> false;
      case RunnerPoolSettings.Listed listed -> false;
    };
  }

  private static @Nullable String obstacle(RunnerPool pool, ExtensionRunner runner)
      throws InterruptedException {
    return runner.call(pool, Subject.NONE, () -> Optional.ofNullable(pool.obstacle())).orElse(null);
  }

  private static ReadDataAccess source(
      @Nullable HybridClient api, @Nullable ReadDataAccess given, NodePlugins plugins) {
    if (given != null) {
      return new GuardedDataAccess(given, plugins.runner());
    }
    return Objects.requireNonNull(api, "neither an API node nor another source");
  }

  private static RunnerPool runners(
      @Nullable RunnerPoolSettings settings,
      @Nullable RunnerSecurity security,
      EventLoops loops,
      ViewRegistry views,
      NodePlugins plugins) {
    if (settings == null || security == null) {
      throw new IllegalStateException("neither a pool nor settings for one");
    }
    try {
      return RunnerPools.start(settings, loops, security.channels(), views, plugins);
    } catch (IOException e) {
      throw new SettingException("the list of runners of FN_RUNNER_LIST_PATH can't be used: " + e);
    }
  }

  /** Begins to put a load balancer together from the settings of its process. */
  public static Builder builder(NodeContext context) {
    return new Builder(context);
  }

  /** All settings that this kind of node reads. */
  public static List<Setting<?>> settings() {
    List<Setting<?>> all = new ArrayList<>(ListenSettings.all());
    all.addAll(ExtensionSettings.all());
    all.addAll(ReplaySettings.all());
    all.addAll(AccessSettings.all());
    all.addAll(LbAgentSettings.all());
    all.addAll(PlacerSettings.all());
    all.addAll(RunnerPoolSettings.all());
    all.addAll(ViewSettings.all());
    return List.copyOf(all);
  }

  @Override
  public String name() {
    return "fn-lb";
  }

  @Override
  public void start() throws IOException, NodeStartException {
    http.start();
    log.atInfo().addKeyValue("port", http.port()).log("load balancer is ready");
  }

  /** The HTTP port, once started. */
  public int port() {
    return http.port();
  }

  @Override
  public void stop(Duration grace) {
    new StopSteps(grace)
        .then("http", http::close)
        .then("agent", agent::close)
        .then("tls", left -> closeTls())
        .then("data", left -> data.close())
        .then("api", left -> closeApi())
        .then("admin", http::closeAdmin)
        .then("loops", left -> loops.close())
        .then("plugins", left -> plugins.close())
        .end();
  }

  private void closeApi() {
    HybridClient open = api;
    if (open != null) {
      open.close();
    }
  }

  private void closeTls() {
    RunnerSecurity open = security;
    if (open != null) {
      open.close();
    }
  }

  /** Puts a load balancer together. Not thread-safe. */
  public static final class Builder {
    private final NodeContext context;
    private final List<CallOverrider> overriders = new ArrayList<>();
    private final List<Extension> extensions = new ArrayList<>();
    private @Nullable ReadDataAccess readDataAccess;
    private @Nullable RunnerPool pool;
    private @Nullable RunnerPoolFactory poolFactory;
    private @Nullable Placer placer;
    private @Nullable PlacerFactory placerFactory;
    private TlsContexts tls = TlsContexts.none();
    private @Nullable Supplier<SslContext> runnerTls;
    private @Nullable BucketSets buckets;

    private Builder(NodeContext context) {
      this.context = context;
    }

    /**
     * Which runners there are; as {@code FN_RUNNER_POOL} says by default. Such a pool makes its own
     * connections; the node shuts it down.
     */
    public Builder pool(RunnerPool value) {
      pool = value;
      poolFactory = null;
      return this;
    }

    /** The same, of a pool whose runners the node connects to, with its TLS. */
    public Builder pool(RunnerPoolFactory value) {
      poolFactory = value;
      pool = null;
      return this;
    }

    /** How calls are placed; as {@code FN_PLACER} says by default. */
    public Builder placer(Placer value) {
      placer = value;
      placerFactory = null;
      return this;
    }

    /**
     * The same, made with what the node has for placers: {@code placer(context ->
     * context.inOrderOf(policy))} for an order of one's own.
     */
    public Builder placer(PlacerFactory value) {
      placerFactory = value;
      placer = null;
      return this;
    }

    /** Changes calls before they are placed; several are applied in the order of being added. */
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
     * TLS for the listeners that does not come from files; none by default.
     *
     * @param value of which a load balancer uses those for {@link TlsContexts#WEB_SERVER} and
     *     {@link TlsContexts#ADMIN_SERVER}; extensions may ask for others
     */
    public Builder tls(TlsContexts value) {
      tls = value;
      return this;
    }

    /**
     * Where apps, fns and triggers are read, in the place of the API node, whose address is not
     * needed then; what it says is kept for a while as that would be.
     */
    public Builder readDataAccess(ReadDataAccess value) {
      readDataAccess = value;
      return this;
    }

    /**
     * TLS towards runners that does not come from files; none by default. Not together with a
     * {@link #pool(RunnerPool)} that makes its own connections.
     *
     * @param value asked at each new connection, on its event loop, for a client context made with
     *     {@link io.grpc.netty.GrpcSslContexts}
     */
    public Builder runnerTls(Supplier<SslContext> value) {
      runnerTls = value;
      return this;
    }

    private RunnerPoolSettings poolSettings(Settings settings) {
      RunnerPoolFactory factory = poolFactory;
      return factory == null
          ? RunnerPoolSettings.from(settings)
          : RunnerPoolSettings.of(factory, settings);
    }

    /** How metrics are spread; as {@code FN_METRICS_…_BUCKETS} say by default. */
    public Builder buckets(BucketSets value) {
      buckets = value;
      return this;
    }

    /**
     * The node, not started.
     *
     * @throws dev.fncluster.api.settings.SettingException when a setting is wrong
     */
    public LbNode build() {
      return NodePlugins.build(context.settings(), tls, plugins -> new LbNode(this, plugins));
    }
  }
}
