package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.call.BytesBody;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Call;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Calls of containers that serve them, one after the other and thousands at a time. */
final class RunnerAgentTest {
  @RegisterExtension final AgentRig rig = new AgentRig();

  @Test
  void reusesOneContainerOverOneConnection() throws Exception {
    for (int i = 0; i < 50; i++) {
      TestCalls.Outcome outcome = rig.run("echo", "body " + i);
      assertThat(outcome.failure()).isNull();
      assertThat(outcome.text()).isEqualTo("body " + i);
      assertThat(outcome.headers().all("X-Multi")).containsExactly("a", "b");
    }
    assertThat(rig.driver().made()).hasSize(1);
    TestFunction function = rig.function();
    assertThat(function.connections()).isEqualTo(1);
  }

  @Test
  void fillsInTheTimesOfACall() throws Exception {
    Call call = rig.run("echo", "x").call();
    assertThat(call.status()).isEqualTo("success");
    assertThat(call.createdAt()).isNotNull();
    assertThat(call.startedAt()).isAfterOrEqualTo(call.createdAt());
    assertThat(call.completedAt()).isAfterOrEqualTo(call.startedAt());
  }

  @Test
  void putsTheCallToTheFunctionAsTheContractSays() throws Exception {
    Call call = TestCalls.call("01CALL", "head");
    call.headers()
        .add("Connection", "keep-alive")
        .add("Te", "trailers")
        .add("Content-Length", "3")
        .add("Fn-Call-Id", "forged")
        .add("Host", "elsewhere")
        .add("Accept", "a")
        .add("Accept", "b");
    String head = rig.run(call, "abc").text();
    assertThat(head.lines())
        .startsWith("POST /call HTTP/1.1")
        .contains("Te: trailers", "Fn-Call-Id: 01CALL", "Accept: a", "Accept: b", "X-Mode: head")
        .anyMatch(line -> line.equalsIgnoreCase("host: localhost"))
        .anyMatch(line -> line.equalsIgnoreCase("transfer-encoding: chunked"))
        .anyMatch(line -> line.matches("Fn-Deadline: \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"))
        .noneMatch(line -> line.contains("forged") || line.contains("elsewhere"))
        .noneMatch(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length"))
        .noneMatch(line -> line.toLowerCase(Locale.ROOT).startsWith("connection"));
  }

  @Test
  void idsOfUnrelatedCallsDoNotShareContainers() throws Exception {
    Map<String, String> config = new HashMap<>(Map.of("A", "1"));
    Call other = TestCalls.call("b", "echo").config(config);
    assertThat(rig.run("echo", "x").failure()).isNull();
    assertThat(rig.run(other, "x").failure()).isNull();
    assertThat(rig.driver().made()).hasSize(2);
  }

  @Test
  void largeBodiesGoThroughInBothDirections() throws Exception {
    String body = "0123456789".repeat(500_000);
    TestCalls.Outcome outcome = rig.run("echo", body);
    assertThat(outcome.failure()).isNull();
    assertThat(outcome.text()).isEqualTo(body);
  }

  @Test
  void servesCallsOfOneLoopInContainersOfAnother() throws Exception {
    try (EventLoops two = EventLoops.create(2, "two")) {
      List<EventLoop> both = two.loops();
      assertThat(TestCalls.run(rig.agent(), both.get(0), TestCalls.call("a", "echo"), "a").text())
          .isEqualTo("a");
      for (int i = 0; i < 20; i++) {
        String body = "x".repeat(i * 5000);
        assertThat(
                TestCalls.run(rig.agent(), both.get(i % 2), TestCalls.call("b", "echo"), body)
                    .text())
            .isEqualTo(body);
      }
      assertThat(rig.driver().made()).hasSize(1);
      rig.agent().close(Duration.ofSeconds(5));
    }
  }

  @Test
  void losesNoCallWhenLoopsCancelsDeathsAndStartsMeet() throws Exception {
    rig.settings(Map.of("FN_HOT_POLL_MSECS", "20", "FN_ENABLE_NB_RESOURCE_TRACKER", "false"));
    Random random = new Random(7);
    Semaphore room = new Semaphore(60);
    try (EventLoops four = EventLoops.create(4, "four")) {
      List<CompletableFuture<TestCalls.Outcome>> all = new ArrayList<>();
      List<CallContext> contexts = new ArrayList<>();
      for (int i = 0; i < 3000; i++) {
        EventLoop on = four.loops().get(random.nextInt(4));
        String mode =
            switch (random.nextInt(12)) {
              case 0 -> "sleep:5";
              case 1 -> "drop";
              case 2 -> "idleclose";
              case 3 -> "close";
              case 4 -> "status:502";
              default -> "echo";
            };
        Call call = TestCalls.call("c" + i, mode).fnId("fn" + random.nextInt(3)).memory(100);
        CallContext context = CallContext.create();
        contexts.add(context);
        assertThat(room.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<TestCalls.Outcome> started =
            TestCalls.start(
                rig.agent(),
                on,
                call,
                BytesBody.of(Integer.toString(i).getBytes(StandardCharsets.UTF_8)),
                context);
        all.add(started.whenComplete((outcome, bug) -> room.release()));
        if (random.nextInt(10) == 0) {
          contexts.get(random.nextInt(contexts.size())).cancel(CancelCause.CLIENT_GONE);
        }
        if (random.nextInt(100) == 0) {
          List<FakeDriver.Made> made = rig.driver().made();
          if (!made.isEmpty()) {
            made.getLast().exit(1);
          }
        }
      }
      for (int i = 0; i < all.size(); i++) {
        TestCalls.Outcome outcome = all.get(i).get(30, TimeUnit.SECONDS);
        if (outcome.failure() == null) {
          assertThat(outcome.text()).as("call %s", i).isEqualTo(Integer.toString(i));
        } else {
          assertThat(outcome.failure()).isInstanceOf(FnException.class);
        }
      }
      assertThat(all.stream().filter(each -> each.join().failure() == null).count())
          .isGreaterThan(1000);
      rig.agent().close(Duration.ofSeconds(5));
    }
  }
}
