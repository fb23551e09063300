package dev.fncluster.systemtests.conformance;

import static dev.fncluster.systemtests.conformance.ScriptedFunction.reply;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.lb.LbNode;
import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerList;
import dev.fncluster.runnerpool.RunnerPool;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A load balancer whose pool and placer are made by the program around it. */
final class BroughtFactoriesTest {
  private record One(Runner runner) implements RunnerPool {
    @Override
    public RunnerList runners(RunnerCall call) {
      return RunnerList.of(List.of(runner));
    }

    @Override
    public boolean mayBlock() {
      return false;
    }

    @Override
    public void shutdown(Duration grace) throws InterruptedException {
      runner.close(grace);
    }
  }

  @Test
  void theyUseTheConnectionsAndThePlacerOfTheNode() throws Exception {
    List<String> ordered = new CopyOnWriteArrayList<>();
    try (LocalCluster cluster =
        LocalCluster.start(
            Map.of(),
            (LbNode.Builder lb) ->
                lb.poolFactory(context ->
                        new One(
                            context.runner(context.setting("FN_RUNNER_ADDRESSES").orElseThrow())))
                    .placerFactory(context ->
                        context.inOrderOf((request, runners) -> {
                          ordered.add(request.fnId());
                          return IntStream.range(0, runners.size()).iterator();
                        })))) {
      LocalCluster.Fn fn = cluster.createFn().answers(seen -> reply(200, "got " + seen.body()));

      assertThat(fn.invoke("it").body()).isEqualTo("got it");
      assertThat(ordered).containsExactly(fn.id);
      assertThat(cluster.front().send("GET", "/metrics", "").body())
          .contains("fn_lb_placer_placed_ok_count_total 1.0");
    }
  }
}
