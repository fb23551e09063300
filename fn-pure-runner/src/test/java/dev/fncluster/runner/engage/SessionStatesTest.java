package dev.fncluster.runner.engage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.proto.RunnerStatus;
import dev.fncluster.runner.TestCalls;
import dev.fncluster.runner.TestFunction;
import dev.fncluster.runner.engage.EngageRig.Session;
import io.grpc.CallOptions;
import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every state of a session, with all that a client may do in it. */
final class SessionStatesTest {
  private static final String EXPECTED_TRY = "Protocol failure: expected ClientMsg_Try";
  private static final String EXPECTED_DATA = "Protocol failure: expected ClientMsg_Data";
  private static final int HUGE = 200_000_000;

  private EngageRig rig;

  @BeforeEach
  void warm() throws Exception {
    rig = new EngageRig(Map.of("FN_HOT_POLL_MSECS", "20"));
    assertThat(echo("warm")).isEqualTo("warm");
  }

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private String echo(String text) throws Exception {
    Session session =
        rig.session().tryCall(TestCalls.call("next", "echo").timeout(60)).data(text, true);
    assertThat(session.finished().getErrorStr()).isEmpty();
    return session.body();
  }

  private TestFunction function() {
    return Objects.requireNonNull(rig.driver().made().getLast().function());
  }

  /** Containers that have come up and were not removed. */
  private long listening() {
    long up = rig.driver().made().stream().filter(each -> each.function() != null).count();
    return rig.driver().alive() == rig.driver().made().size() ? up : -1;
  }

  private static ConditionFactory eventually() {
    return await().atMost(Duration.ofSeconds(60));
  }

  private void expectProtocolFailure(Session session, String text) throws Exception {
    Status status = session.end();
    assertThat(status.getCode()).isEqualTo(Status.Code.UNKNOWN);
    assertThat(status.getDescription()).isEqualTo(text);
    assertThat(session.messages).isEmpty();
    eventually().until(() -> rig.agent().callsInFlight() == 0);
  }

  // Nothing has come yet.

  @Test
  void firstDataIsAFailure() throws Exception {
    expectProtocolFailure(rig.session().data("x", true), EXPECTED_TRY);
  }

  @Test
  void firstNothingIsAFailure() throws Exception {
    expectProtocolFailure(rig.session().nothing(), EXPECTED_TRY);
  }

  @Test
  void leavingWithoutACallIsAFailure() throws Exception {
    Session session = rig.session();
    session.call.halfClose();
    expectProtocolFailure(session, EXPECTED_TRY);
  }

  @Test
  void aDeadlineEndsTheWaitForACall() throws Exception {
    Session session =
        rig.session(CallOptions.DEFAULT.withDeadlineAfter(200, TimeUnit.MILLISECONDS), 1);
    assertThat(session.end().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    eventually().until(() -> rig.status().getActive() == 0);
  }

  @Test
  void aCallOfMoreThanFourMebibytesIsRefused() throws Exception {
    Session session = rig.session().tryCall("{\"id\":\"" + "x".repeat(4 * 1024 * 1024) + "\"}", "");
    assertThat(session.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(session.messages).isEmpty();
    eventually().until(() -> rig.status().getActive() == 0);
    assertThat(echo("next")).isEqualTo("next");
  }

  // The body is on its way.

  private Session streaming() {
    Session session =
        rig.session().tryCall(TestCalls.call("01ID", "echo").timeout(60)).data("half", false);
    eventually().until(() -> function().requests() == 2);
    return session;
  }

  @Test
  void aSecondCallIsAFailure() throws Exception {
    Session session = streaming().tryCall(TestCalls.call("02ID", "echo"));
    expectProtocolFailure(session, EXPECTED_DATA);
    assertThat(echo("next")).isEqualTo("next");
  }

  @Test
  void nothingInPlaceOfDataIsAFailure() throws Exception {
    expectProtocolFailure(streaming().nothing(), EXPECTED_DATA);
  }

  @Test
  void leavingBeforeTheEndOfTheBodyIsAFailure() throws Exception {
    Session session = streaming();
    session.call.halfClose();
    expectProtocolFailure(session, EXPECTED_DATA);
  }

  @Test
  void emptyDataIsNoEnd() throws Exception {
    Session session = streaming().data("", false).data(" and half", false).data("", true);
    assertThat(session.finished().getSuccess()).isTrue();
    assertThat(session.body()).isEqualTo("half and half");
  }

  @Test
  void aDeadlineEndsACallWhoseBodyIsOpen() throws Exception {
    Session session =
        rig.session(CallOptions.DEFAULT.withDeadlineAfter(500, TimeUnit.MILLISECONDS), 1000)
            .tryCall(TestCalls.call("01ID", "echo").timeout(60))
            .data("half", false);
    assertThat(session.end().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    eventually().until(() -> rig.agent().callsInFlight() == 0);
  }

  @Test
  void theTimeoutOfTheFunctionHoldsWhileTheBodyIsOpenAndTheNextCallGetsItsOwnBody()
      throws Exception {
    Session late =
        rig.session().tryCall(TestCalls.call("01ID", "echo").timeout(1)).data("LATE", false);
    assertThat(late.transcript()).containsExactly("failed 504 user: Timed out");
    assertThat(echo("NODAWG")).isEqualTo("NODAWG");
  }

  // The body is complete.

  @Test
  void whateverFollowsTheBodyIsIgnored() throws Exception {
    Session session =
        rig.session()
            .tryCall(TestCalls.call("01ID", "sleep:200").timeout(60))
            .data("all", true)
            .data("more", false)
            .nothing()
            .tryCall(TestCalls.call("02ID", "echo"));
    session.call.halfClose();
    assertThat(session.finished().getDetails()).isEqualTo("01ID");
    assertThat(session.body()).isEqualTo("all");
  }

  // The client leaves.

  @Test
  void aClientThatLeavesBeforeTheAnswerStopsTheContainer() throws Exception {
    Session session =
        rig.session().tryCall(TestCalls.call("01ID", "sleep:100000").timeout(60)).data("x", true);
    eventually().until(() -> function().requests() == 2);
    session.call.cancel("gone", null);
    eventually().until(() -> rig.driver().alive() == 0);
    assertThat(rig.agent().callsInFlight()).isZero();
    assertThat(session.messages).isEmpty();
  }

  @Test
  void aClientThatLeavesDuringTheAnswerLeavesTheContainer() throws Exception {
    Session session =
        rig.session(CallOptions.DEFAULT, 2)
            .tryCall(TestCalls.call("01ID", "big:" + HUGE).timeout(60))
            .data("x", true);
    eventually().until(() -> session.messages.size() == 2);
    session.call.cancel("gone", null);
    eventually().until(() -> rig.agent().callsInFlight() == 0);
    assertThat(echo("next")).isEqualTo("next");
    assertThat(rig.driver().made()).hasSize(1);
  }

  @Test
  void aClientThatLeavesWhileItsContainerStartsLeavesItToOthers() throws Exception {
    rig.driver().startDelay(Duration.ofMillis(500));
    Session session = rig.session().tryCall(TestCalls.call("01ID", "echo").fnId("other"));
    eventually().until(() -> rig.driver().made().size() == 2);
    session.call.cancel("gone", null);
    eventually().until(() -> rig.agent().callsInFlight() == 0);
    // Calls that come meanwhile may have others started.
    Session next =
        rig.session()
            .tryCall(TestCalls.call("02ID", "echo").fnId("other").timeout(60))
            .data("next", true);
    assertThat(next.finished().getSuccess()).isTrue();
    eventually().until(() -> listening() == rig.driver().made().size());
  }

  // Both directions are slowed down by whoever is slow.

  @Test
  void whoReadsSlowlySlowsTheFunctionDown() throws Exception {
    int size = 30_000_000;
    Session session =
        rig.session(CallOptions.DEFAULT, 2)
            .tryCall(TestCalls.call("01ID", "big:" + size).timeout(60))
            .data("x", true);
    eventually().until(() -> session.messages.size() == 2);
    long[] last = {-1};
    // It has filled all there is on the way when it does not get on any more.
    eventually()
        .pollInterval(Duration.ofMillis(300))
        .until(() -> {
          long before = last[0];
          last[0] = function().written();
          return last[0] == before;
        });
    assertThat(last[0]).isLessThan(size / 2);
    session.read(1_000_000);
    assertThat(session.finished().getSuccess()).isTrue();
    assertThat(session.body()).hasSize(size);
  }

  @Test
  void whoReadsNothingDoesNotOutlastTheTimeout() throws Exception {
    Session session =
        rig.session(CallOptions.DEFAULT, 2)
            .tryCall(TestCalls.call("01ID", "big:" + HUGE).timeout(1))
            .data("x", true);
    eventually().until(() -> rig.agent().callsInFlight() == 0);
    session.read(1_000_000);
    assertThat(session.finished().getErrorCode()).isEqualTo(504);
  }

  // What Status counts.

  @Test
  void everyKindOfEndIsCounted() throws Exception {
    Session going = streaming();
    rig.session().data("x", true).end();
    rig.session().tryCall("{no json", "").end();
    Session leaving = rig.session().tryCall(TestCalls.call("01ID", "sleep:100000").fnId("other"));
    eventually().until(() -> rig.agent().callsInFlight() == 2);
    RunnerStatus during = rig.status();
    assertThat(during.getActive()).isEqualTo(2);
    assertThat(during.getRequestsReceived()).isEqualTo(5);
    assertThat(during.getRequestsHandled()).isEqualTo(3);

    leaving.call.cancel("gone", null);
    going.data("", true).finished();
    eventually().until(() -> rig.status().getActive() == 0);
    assertThat(rig.status().getRequestsHandled()).isEqualTo(5);
  }
}
