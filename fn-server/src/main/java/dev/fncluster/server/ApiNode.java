package dev.fncluster.server;

import dev.fncluster.api.extension.Extension;
import dev.fncluster.api.guard.Guarded;
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
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.tls.TlsContexts;
import dev.fncluster.datastore.DatastoreSettings;
import dev.fncluster.stats.ApiViews;
import dev.fncluster.stats.BucketSets;
import dev.fncluster.stats.ViewRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An API node: the management API over its store, for operators and load balancers. It executes
 * nothing.
 */
@API(status = API.Status.MAINTAINED, since = "0.1")
public final class ApiNode implements Node {
  private static final Logger log = LoggerFactory.getLogger(ApiNode.class);

  private final EventLoops loops;
  private final Store store;
  private final NodeHttp http;
  private final NodePlugins plugins;

  private ApiNode(Builder builder, NodePlugins plugins) {
    this.plugins = plugins;
    NodeContext context = builder.context;
    Settings settings = context.settings();
    ListenSettings listen = ListenSettings.from(settings);
    ViewSettings viewSettings = ViewSettings.from(settings);
    NodeExtensions extensions = plugins.extensions(List.of(), builder.extensions);
    store =
        plugins.part(
            Store.open(
                DatastoreSettings.from(settings),
                ManagementSettings.from(settings),
                IdGenerator.forThisMachine(listen.port()),
                InstantSource.system(),
                extensions),
            Store::close);
    ViewRegistry views = context.metrics().views();
    BucketSets buckets = builder.buckets == null ? viewSettings.buckets() : builder.buckets;
    views.register(ApiViews.create(List.of(), buckets.latency()));
    store.export(views.meters());
    loops = plugins.part(EventLoops.create(listen.eventLoops(), "fn-api-loop"), EventLoops::close);
    plugins.watch(loops);
    http =
        NodeHttp.builder(context, loops, listen)
            .tls(builder.tls)
            .settings(settings())
            .root(extensions.root(""))
            .routes(Guarded.MANAGEMENT, store.middleware(), store::register)
            .routes(Guarded.MANAGEMENT, store::registerEndpoints)
            .readiness(store::obstacle)
            .build();
  }

  /**
   * An API node with the settings of its process, not started; its store is open.
   *
   * @throws dev.fncluster.api.settings.SettingException when a setting is wrong or the store can't
   *     be opened
   */
  public static ApiNode create(NodeContext context) {
    return builder(context).build();
  }

  /** Begins to put an API node together from the settings of its process. */
  public static Builder builder(NodeContext context) {
    return new Builder(context);
  }

  /** All settings that this kind of node reads. */
  public static List<Setting<?>> settings() {
    List<Setting<?>> all = new ArrayList<>(ListenSettings.all());
    all.addAll(ExtensionSettings.all());
    all.addAll(DatastoreSettings.all());
    all.addAll(ManagementSettings.all());
    all.addAll(ViewSettings.all());
    return List.copyOf(all);
  }

  @Override
  public String name() {
    return "fn-api";
  }

  @Override
  public void start() throws IOException, NodeStartException {
    http.start();
    log.atInfo().addKeyValue("port", http.port()).log("API node is ready");
  }

  /** The HTTP port, once started. */
  public int port() {
    return http.port();
  }

  @Override
  public void stop(Duration grace) {
    new StopSteps(grace)
        .then("http", http::close)
        .then("store", left -> store.close())
        .then("admin", http::closeAdmin)
        .then("loops", left -> loops.close())
        .then("plugins", left -> plugins.close())
        .end();
  }

  /** Puts an API node together. Not thread-safe. */
  public static final class Builder {
    private final NodeContext context;
    private final List<Extension> extensions = new ArrayList<>();
    private TlsContexts tls = TlsContexts.none();
    private @Nullable BucketSets buckets;

    private Builder(NodeContext context) {
      this.context = context;
    }

    /** Does several things at once; several are set up in the order of being added. */
    public Builder extension(Extension value) {
      extensions.add(value);
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
    public ApiNode build() {
      return NodePlugins.build(context.settings(), tls, plugins -> new ApiNode(this, plugins));
    }
  }
}
