package dev.fncluster.runnerpool.config;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.plugin.NodePlugins;
import dev.fncluster.api.plugin.SettingsContext;
import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerAddress;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.RunnerPoolContext;
import dev.fncluster.runnerpool.RunnerPoolFactory;
import dev.fncluster.runnerpool.dns.DnsSource;
import dev.fncluster.runnerpool.file.FileSource;
import dev.fncluster.runnerpool.grpc.ChannelSecurity;
import dev.fncluster.runnerpool.grpc.GrpcRunner;
import dev.fncluster.runnerpool.grpc.RunnerClientStats;
import dev.fncluster.runnerpool.pool.ChangingRunnerPool;
import dev.fncluster.runnerpool.pool.Endpoint;
import dev.fncluster.runnerpool.pool.EndpointRunnerFactory;
import dev.fncluster.runnerpool.pool.EndpointSource;
import dev.fncluster.stats.ViewRegistry;
import java.io.IOException;

/** Makes pools of runners in other processes. */
public final class RunnerPools {
  private RunnerPools() {}

  /**
   * The pool that {@code settings} describe, with connections on {@code loops}. Blocks for a
   * bounded time, where runners have to be found first.
   *
   * @param views with those of {@link RunnerClientStats}
   * @param plugins where the settings name one, or there is a factory
   * @throws IOException when the list of runners can't be read
   * @throws dev.fncluster.api.settings.SettingException when no pool has that name, or the plugin
   *     fails
   */
  public static RunnerPool start(
      RunnerPoolSettings settings,
      EventLoops loops,
      ChannelSecurity security,
      ViewRegistry views,
      NodePlugins plugins)
      throws IOException {
    RunnerClientStats stats = new RunnerClientStats(views);
    EndpointRunnerFactory factory =
        endpoint ->
            new GrpcRunner(
                endpoint.address(),
                loops,
                endpoint.serverName().equals(endpoint.address().host())
                    ? security
                    : security.expecting(endpoint.serverName()),
                settings.connections(),
                stats);
    return switch (settings.where()) {
      case RunnerPoolSettings.Fixed fixed ->
          pool(
              EndpointSource.fixed(fixed.addresses().stream().map(Endpoint::of).toList()),
              factory,
              settings,
              views,
              plugins);
      case RunnerPoolSettings.Dns dns ->
          pool(new DnsSource(loops, dns.rules()), factory, settings, views, plugins);
      case RunnerPoolSettings.Listed listed ->
          pool(new FileSource(listed.file(), FileSource.PERIOD), factory, settings, views, plugins);
      case RunnerPoolSettings.Plugged plugged -> plugged(plugged.name(), factory, plugins);
      case RunnerPoolSettings.Brought brought ->
          plugins.make(
              brought.factory(), () -> brought.factory().create(new Context(plugins, factory)));
    };
  }

  private static RunnerPool pool(
      EndpointSource source,
      EndpointRunnerFactory factory,
      RunnerPoolSettings settings,
      ViewRegistry views,
      NodePlugins plugins)
      throws IOException {
    plugins
        .plugins()
        .checkBuiltIn(
            RunnerPoolFactory.class,
            RunnerPoolSettings.POOL,
            plugins.settings().get(RunnerPoolSettings.POOL));
    return ChangingRunnerPool.start(
        source, factory, settings.health(), settings.drainLimit(), views);
  }

  private static RunnerPool plugged(
      String name, EndpointRunnerFactory runners, NodePlugins plugins) {
    return plugins
        .plugins()
        .make(
            RunnerPoolFactory.class,
            RunnerPoolSettings.POOL,
            name,
            RunnerPoolSettings.POOLS,
            factory -> factory.create(new Context(plugins, runners)));
  }

  private static final class Context extends SettingsContext implements RunnerPoolContext {
    private final EndpointRunnerFactory runners;

    Context(NodePlugins plugins, EndpointRunnerFactory runners) {
      super(plugins);
      this.runners = runners;
    }

    @Override
    public Runner runner(String address) {
      return runners.create(
          Endpoint.of(RunnerAddress.parse("the pool " + RunnerPoolSettings.POOL.name(), address)));
    }
  }
}
