package dev.fncluster.runner;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.node.NodeContext;
import dev.fncluster.api.node.StopSteps;
import dev.fncluster.api.plugin.CallExtensions;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.logs.FunctionLogs;
import dev.fncluster.runner.resource.MachineResources;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.stats.AgentMeters;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** Makes the runner agents of nodes. */
public final class RunnerAgents {
  private RunnerAgents() {}

  /**
   * An agent with the resources of this machine. If it can't be made, the driver and the logs are
   * closed as it would have done.
   *
   * @param meters where its calls are counted
   * @param context whose metrics have {@link RunnerViews} by now
   * @param port of the node, which its ids are made of
   * @throws IOException when socket directories can't be made or watched
   */
  public static RunnerAgent create(
      EventLoops loops,
      RunnerSettings settings,
      ContainerDriver driver,
      CallExtensions extensions,
      AgentMeters meters,
      FunctionLogs logs,
      NodeContext context,
      int port)
      throws IOException {
    boolean made = false;
    try {
      ResourceAmount total =
          new MachineResources(Path.of("/"))
              .detect(settings.maxTotalMemory(), settings.maxTotalCpus());
      RunnerAgent agent =
          new RunnerAgent(
              loops,
              settings,
              driver,
              extensions,
              total,
              context.metrics().views(),
              meters,
              logs,
              IdGenerator.forThisMachine(port),
              Clock.systemUTC());
      made = true;
      return agent;
    } finally {
      if (!made) {
        new StopSteps(Duration.ZERO)
            .then("driver", left -> driver.close())
            .then("logs", left -> logs.close())
            .end();
      }
    }
  }
}
