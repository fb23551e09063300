package dev.fncluster.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** No benchmark fails; how quick they are is not looked at. */
final class PiecesTest {
  @Test
  void allOfThemRun() throws Exception {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .mode(Mode.SingleShotTime)
                    .forks(0)
                    .warmupIterations(0)
                    .measurementIterations(1)
                    .measurementBatchSize(10)
                    .shouldFailOnError(true)
                    .shouldDoGC(false)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
    assertThat(results)
        .extracting(Pieces::name)
        .doesNotHaveDuplicates()
        .contains(
            "CallModel.writeTryCall",
            "FunctionRequest.headToFunction",
            "Id.callId",
            "Placement.firstChoice placer=ch-bounded runners=200",
            "Recording.histogram",
            "RequestHead.judgeAndRoute",
            "Slot.takeAndGiveBackOnTwoLoops");
  }
}
