package dev.fncluster.runnerpool.config;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.runnerpool.RunnerPool;
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
   * @throws IOException when the list of runners can't be read
   */
  public static RunnerPool start(
      RunnerPoolSettings settings, EventLoops loops, ChannelSecurity security, ViewRegistry views)
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
    return ChangingRunnerPool.start(
        source(settings, loops), factory, settings.health(), settings.drainLimit(), views);
  }

  private static EndpointSource source(RunnerPoolSettings settings, EventLoops loops) {
    return switch (settings.where()) {
      case RunnerPoolSettings.Fixed fixed ->
          EndpointSource.fixed(fixed.addresses().stream().map(Endpoint::of).toList());
      case RunnerPoolSettings.Dns dns -> new DnsSource(loops, dns.rules());
      case RunnerPoolSettings.Listed listed -> new FileSource(listed.file(), FileSource.PERIOD);
    };
  }
}
