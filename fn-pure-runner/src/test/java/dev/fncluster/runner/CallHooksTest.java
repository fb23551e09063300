package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.model.Call;
import dev.fncluster.runner.driver.CallHooks;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a driver does around calls. */
final class CallHooksTest {
  private static final ServiceException REFUSAL = new ServiceException(418, "not today");

  private final List<String> log = new CopyOnWriteArrayList<>();
  private final CountDownLatch mayGoOn = new CountDownLatch(1);
  private volatile @Nullable Exception beforeFails;
  private volatile @Nullable Exception afterFails;
  private volatile boolean waits;

  @RegisterExtension final AgentRig rig = new AgentRig();
  private final FakeDriver driver =
      rig.driver()
          .hooks(
              new CallHooks() {
                @Override
                public void before(Call call) throws Exception {
                  log.add("before " + call.id());
                  assertThat(Thread.currentThread().isVirtual()).isTrue();
                  if (waits) {
                    mayGoOn.await();
                  }
                  fail(beforeFails);
                }

                @Override
                public void after(Call call) throws Exception {
                  log.add("after " + call.id());
                  fail(afterFails);
                }

                private void fail(@Nullable Exception failure) throws Exception {
                  if (failure != null) {
                    throw failure;
                  }
                }
              });

  @AfterEach
  void nothingWaitsAnyMore() {
    mayGoOn.countDown();
  }

  private TestCalls.Outcome run(String id, String mode) throws Exception {
    return rig.run(TestCalls.call(id, mode), "x");
  }

  @Test
  void goAroundEveryCallHoweverItEnds() throws Exception {
    assertThat(run("1", "echo").text()).isEqualTo("x");
    assertThat(run("2", "status:502").failure()).hasMessage("function failed");
    assertThat(run("3", "echo").text()).isEqualTo("x");
    assertThat(log)
        .containsExactly("before 1", "after 1", "before 2", "after 2", "before 3", "after 3");
    assertThat(driver.made()).as("the container is kept").hasSize(1);
    assertThat(driver.alive()).isEqualTo(1);
  }

  @Test
  void aFailureBeforeACallIsItsResultAndStopsTheContainer() throws Exception {
    beforeFails = REFUSAL;
    assertThat(run("1", "echo").failure()).isSameAs(REFUSAL);
    assertThat(log).containsExactly("before 1");
    AgentRig.soon().until(() -> driver.alive() == 0);
    assertThat(rig.function().requests()).isZero();
    beforeFails = null;
    assertThat(run("2", "echo").text()).isEqualTo("x");
  }

  @Test
  void aFailureAfterACallIsItsResultIfItHadNone() throws Exception {
    afterFails = REFUSAL;
    assertThat(run("1", "echo").failure()).isSameAs(REFUSAL);
    AgentRig.soon().until(() -> driver.alive() == 0);
    assertThat(run("2", "status:502").failure()).hasMessage("function failed");
    AgentRig.soon().until(() -> driver.alive() == 0);
    assertThat(log).containsExactly("before 1", "after 1", "before 2", "after 2");
  }

  @Test
  void whatIsNotMeantForCallersStaysInTheLog() throws Exception {
    beforeFails = new IllegalStateException("secret");
    FnException failure = run("1", "echo").error();
    assertThat(failure.code()).isEqualTo(500);
    assertThat(failure.publicMessage()).isEqualTo("an extension of this server failed");
  }

  @Test
  void aCallMayBeCancelledMeanwhile() throws Exception {
    waits = true;
    CallContext context = CallContext.create();
    CompletableFuture<TestCalls.Outcome> running =
        rig.start(TestCalls.call("1", "echo"), EmptyBody.create(), context);
    AgentRig.soon().until(() -> !log.isEmpty());
    context.cancel(CancelCause.CLIENT_GONE);
    FnException failure = running.get(60, TimeUnit.SECONDS).error();
    assertThat(failure.code()).isEqualTo(444);
    assertThat(log).containsExactly("before 1");
    waits = false;
    mayGoOn.countDown();
    AgentRig.soon().until(() -> log.contains("after 1"));
    assertThat(run("2", "echo").text()).isEqualTo("x");
    assertThat(driver.made()).as("the container is kept").hasSize(1);
    assertThat(rig.function().requests()).isEqualTo(1);
  }

  @Test
  void aContainerThatHangsUpMeanwhileGetsNoCall() throws Exception {
    waits = true;
    CompletableFuture<TestCalls.Outcome> running =
        rig.start(TestCalls.call("1", "echo"), EmptyBody.create(), CallContext.create());
    AgentRig.soon().until(() -> !log.isEmpty());
    driver.made().getFirst().exit(1);
    waits = false;
    mayGoOn.countDown();
    assertThat(running.get(60, TimeUnit.SECONDS).failure()).isNull();
    assertThat(log).containsExactly("before 1", "after 1", "before 1", "after 1");
    assertThat(driver.made()).hasSize(2);
  }
}
