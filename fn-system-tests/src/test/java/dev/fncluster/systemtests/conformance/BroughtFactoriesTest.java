package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.settings.SettingException;
import dev.fncluster.lb.LbNode;
import dev.fncluster.runner.PureRunnerNode;
import dev.fncluster.runner.driver.ContainerExit;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.driver.DriverContainer;
import dev.fncluster.runner.driver.ForwardingDriver;
import dev.fncluster.runnerpool.Placer;
import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerList;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.RunnerPoolContext;
import dev.fncluster.runnerpool.RunnerPoolFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs that give factories to builders: these get what those of jars get. */
@Timeout(180)
final class BroughtFactoriesTest {
  private final List<String> done = new CopyOnWriteArrayList<>();

  /** A pool whose runners the node connects to. */
  private record One(Runner runner, List<String> done) implements RunnerPool {
    @Override
    public RunnerList runners(RunnerCall call) {
      done.add("pool");
      return RunnerList.of(List.of(runner));
    }

    @Override
    public void shutdown(Duration grace) throws InterruptedException {
      runner.close(grace);
      done.add("pool shut down");
    }
  }

  /** The node's own placer, and a mark for its end. */
  private record Closing(Placer placer, List<String> done) implements Placer, AutoCloseable {
    @Override
    public void place(
        RunnerPool pool, RunnerCall call, dev.fncluster.runnerpool.TryCompletion completion) {
      placer.place(pool, call, completion);
    }

    @Override
    public void close() {
      done.add("placer closed");
    }
  }

  private RunnerPool pool(RunnerPoolContext context) {
    // Not looked at by the node any more, and at hand here.
    return new One(context.runner(context.setting("FN_RUNNER_ADDRESSES").orElseThrow()), done);
  }

  private PureRunnerNode.Builder driver(PureRunnerNode.Builder runner, ScriptedDriver driver) {
    return runner.driver(context -> {
      assertThat(context.setting("FN_GRPC_PORT")).isPresent();
      return new ForwardingDriver(driver) {
        @Override
        public DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit)
            throws InterruptedException {
          done.add("driver");
          return super.create(spec, onExit);
        }
      };
    });
  }

  @Test
  void poolsPlacersAndDriversAreMadeWithWhatTheNodeHas() throws Exception {
    ScriptedDriver driver = new ScriptedDriver();
    try (LocalCluster cluster =
        LocalCluster.start(
            runner -> driver(runner, driver),
            balancer ->
                balancer
                    .pool(this::pool)
                    .placer(context ->
                        new Closing(
                            context.inOrderOf((request, runners) -> {
                              done.add("policy");
                              return IntStream.range(0, runners.size()).iterator();
                            }),
                            done)))) {
      LocalCluster.Fn fn = cluster.createFn();
      driver.script(fn.image, seen -> ScriptedFunction.reply(200, "got " + seen.body()));
      assertThat(fn.invoke("it").body()).isEqualTo("got it");
      assertThat(done).containsExactly("pool", "policy", "driver");
    }
    assertThat(done).endsWith("pool shut down", "placer closed");
  }

  @Test
  void aFactoryThatFailsKeepsTheNodeFromStarting() throws Exception {
    RunnerPoolFactory failing =
        context -> {
          throw new java.io.IOException("no zone");
        };
    try (LocalNodes nodes = new LocalNodes()) {
      assertThatThrownBy(() ->
              nodes.start(
                  context -> LbNode.builder(context).pool(failing).build(),
                  Map.of("FN_PORT", "0", "FN_RUNNER_API_URL", "http://127.0.0.1:1")))
          .isInstanceOf(SettingException.class)
          .hasMessage(
              "this program's factory "
                  + failing.getClass().getName()
                  + " failed to start: java.io.IOException: no zone");
    }
  }
}
