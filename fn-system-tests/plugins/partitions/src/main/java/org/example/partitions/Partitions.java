package org.example.partitions;

import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.Plugin;
import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerList;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.RunnerPoolContext;
import dev.fncluster.runnerpool.RunnerPoolFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Groups of runners, one for each value of the annotation {@code example.org/partition}: an app's
 * calls stay within its group. {@code PARTITIONS} says who belongs where: {@code
 * gold=host:port,host:port;silver=host:port}.
 */
@Plugin(name = "partitions", api = Plugin.API_VERSION)
public final class Partitions implements RunnerPoolFactory {
  private static final String ANNOTATION = "example.org/partition";

  @Override
  public RunnerPool create(RunnerPoolContext context) {
    String all =
        context
            .setting("PARTITIONS")
            .orElseThrow(() -> new IllegalArgumentException("PARTITIONS is missing"));
    Map<String, RunnerList> groups = new TreeMap<>();
    for (String group : all.split(";")) {
      String[] parts = group.split("=", 2);
      List<Runner> runners = new ArrayList<>();
      for (String address : parts[1].split(",")) {
        runners.add(context.runner(address));
      }
      groups.put(parts[0], RunnerList.of(runners));
    }
    return new Pool(groups);
  }

  private record Pool(Map<String, RunnerList> groups) implements RunnerPool {
    @Override
    public RunnerList runners(RunnerCall call) {
      // Annotations are JSON: a text has its quotes.
      String wanted = call.model().annotations().getOrDefault(ANNOTATION, "").replace("\"", "");
      RunnerList group = groups.get(wanted);
      return group == null
          ? RunnerList.refused(
              new ServiceException(400, "there is no partition \"" + wanted + "\""))
          : group;
    }

    @Override
    public boolean mayBlock() {
      return false;
    }

    @Override
    public void shutdown(Duration grace) throws InterruptedException {
      List<Thread> closing = new ArrayList<>();
      for (RunnerList group : groups.values()) {
        for (Runner runner : group.runners()) {
          closing.add(Thread.ofVirtual().start(() -> close(runner, grace)));
        }
      }
      for (Thread each : closing) {
        each.join();
      }
    }

    private static void close(Runner runner, Duration grace) {
      try {
        runner.close(grace);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
