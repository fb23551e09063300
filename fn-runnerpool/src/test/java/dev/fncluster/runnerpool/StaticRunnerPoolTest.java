package dev.fncluster.runnerpool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.runnerpool.fake.FakeRunner;
import dev.fncluster.runnerpool.fake.RecordingSink;
import dev.fncluster.runnerpool.fake.TestCalls;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StaticRunnerPoolTest {
  private final RunnerCall call =
      TestCalls.call(TestCalls.invocation(new EmbeddedChannel().eventLoop(), new RecordingSink()));

  @Test
  void emptyPoolIsEmptyAndShutsDown() throws Exception {
    StaticRunnerPool pool = new StaticRunnerPool(List.of());
    assertThat(pool.runners(call)).isEqualTo(RunnerList.of(List.of()));
    pool.shutdown(Duration.ZERO);
  }

  @Test
  void makesARunnerForEachAddressAndClosesThem() throws Exception {
    StaticRunnerPool pool =
        StaticRunnerPool.of(
            List.of(new RunnerAddress("a", 1), new RunnerAddress("b", 2)),
            address -> FakeRunner.answering(address.toString(), TryResult.busy()));
    List<Runner> runners = pool.runners(call).runners();
    assertThat(runners).extracting(Runner::address).containsExactly("a:1", "b:2");
    assertThat(pool.mayBlock()).isFalse();
    pool.shutdown(Duration.ZERO);
    assertThat(runners).allMatch(runner -> ((FakeRunner) runner).isClosed());
  }

  @Test
  void sessionGroupLetsNobodyInAfterCloseAndEndsWithTheLast() throws Exception {
    SessionGroup group = new SessionGroup();
    assertThat(group.enter()).isTrue();
    assertThat(group.enter()).isTrue();
    group.close();
    assertThat(group.enter()).isFalse();
    assertThat(group.size()).isEqualTo(2);
    group.leave();
    assertThat(group.awaitEmpty(Duration.ofMillis(1))).isFalse();
    group.leave();
    assertThat(group.awaitEmpty(Duration.ofSeconds(5))).isTrue();
    SessionGroup empty = new SessionGroup();
    empty.close();
    empty.close();
    assertThat(empty.awaitEmpty(Duration.ofSeconds(5))).isTrue();
  }

  @Test
  void failureOfOneRunnerDoesNotKeepOthersOpen() {
    FakeRunner good = FakeRunner.answering("good", TryResult.busy());
    Runner bad =
        new Runner() {
          @Override
          public String address() {
            return "bad";
          }

          @Override
          public int callsUnderWay() {
            return 0;
          }

          @Override
          public void tryExec(
              RunnerCall call,
              dev.fncluster.api.call.CallContext attempt,
              TryCompletion completion) {
            completion.done(TryResult.busy());
          }

          @Override
          public java.util.concurrent.CompletionStage<RunnerStatus> status() {
            return new java.util.concurrent.CompletableFuture<>();
          }

          @Override
          public void close(Duration grace) {
            throw new IllegalStateException("no");
          }
        };
    StaticRunnerPool pool = new StaticRunnerPool(List.of(bad, good));
    assertThatThrownBy(() -> pool.shutdown(Duration.ZERO)).hasMessage("no");
    assertThat(good.isClosed()).isTrue();
  }
}
