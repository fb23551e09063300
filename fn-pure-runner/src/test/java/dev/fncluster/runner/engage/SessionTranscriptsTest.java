package dev.fncluster.runner.engage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.model.CallJson;
import dev.fncluster.api.model.CallType;
import dev.fncluster.api.model.Timestamps;
import dev.fncluster.proto.CallFinished;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.proto.TryCall;
import dev.fncluster.runner.TestCalls;
import dev.fncluster.runner.engage.EngageRig.Session;
import dev.fncluster.runner.resource.ResourceTracker;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole sessions, message by message: what a function does, and what its load balancer gets. */
final class SessionTranscriptsTest {
  private static EngageRig rig(String... environment) throws Exception {
    return new EngageRig(
        environment.length == 0 ? Map.of() : Map.of(environment[0], environment[1]));
  }

  private static List<String> transcript(EngageRig rig, String mode, String body) throws Exception {
    return rig.session()
        .tryCall(TestCalls.call("01ID", mode).timeout(60))
        .data(body, true)
        .transcript();
  }

  @Test
  void anAnswerWithABody() throws Exception {
    try (EngageRig rig = rig()) {
      assertThat(transcript(rig, "echo", "123456789"))
          .containsExactly(
              "start 200 Content-Type=text/plain X-Multi=a X-Multi=b Content-Length=9",
              "data 9",
              "finished");
    }
  }

  @Test
  void anAnswerWithoutABodyHasNoData() throws Exception {
    try (EngageRig rig = rig()) {
      assertThat(transcript(rig, "echo", ""))
          .containsExactly(
              "start 200 Content-Type=text/plain X-Multi=a X-Multi=b Content-Length=0", "finished");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "status:502, failed 502 user: function failed, true",
    "status:504, failed 504 user: Timed out, true",
    "status:500, failed 502 user: invalid function response, false",
    "status:404, failed 502 user: invalid function response, false",
    "longheader:5000, failed 502 user: function response header too large, false",
    "drop, failed 502 user: error receiving function response, false",
    "garbage, failed 502 user: error receiving function response, false",
  })
  void failuresBeforeAnAnswerAreOneMessage(String mode, String failure, boolean kept)
      throws Exception {
    try (EngageRig rig = rig("FN_MAX_HDR_RESPONSE_SIZE", "4000")) {
      assertThat(transcript(rig, mode, "x")).containsExactly(failure);
      assertThat(transcript(rig, "echo", "next")).endsWith("data 4", "finished");
      assertThat(rig.driver().made()).as("containers").hasSize(kept ? 1 : 2);
    }
  }

  @Test
  void anAnswerThatBreaksOffIsAFailureAfterData() throws Exception {
    try (EngageRig rig = rig()) {
      assertThat(transcript(rig, "short", "x"))
          .containsExactly(
              "start 200 Content-Length=100",
              "data 9",
              "failed 502 user: error receiving function response");
    }
  }

  @Test
  void longAnswersComeInFramesOfTheProtocolsSize() throws Exception {
    try (EngageRig rig = rig()) {
      Session session = rig.session().tryCall(TestCalls.call("01ID", "big:300000")).data("x", true);
      List<String> all = session.transcript();
      assertThat(all).startsWith("start 200 Content-Length=300000").endsWith("finished");
      assertThat(session.body()).hasSize(300_000);
      for (RunnerMsg each : session.messages.subList(1, all.size() - 1)) {
        assertThat(each.getData().getData().size()).isBetween(1, 10_240);
        assertThat(each.getData().getEof()).isFalse();
      }
    }
  }

  /** Of an answer that is short enough to be held back nothing is sent before it is whole. */
  @Test
  void answersOverTheLimit() throws Exception {
    try (EngageRig rig = rig("FN_MAX_RESPONSE_SIZE", "25000")) {
      String failure = "failed 502 user: function response body too large";
      assertThat(transcript(rig, "big:30000", "x")).containsExactly(failure);
      assertThat(transcript(rig, "chunked:30000", "x")).containsExactly(failure);
    }
    try (EngageRig rig = rig("FN_MAX_RESPONSE_SIZE", "8400000")) {
      Session session =
          rig.session()
              .tryCall(TestCalls.call("01ID", "chunked:8500000").timeout(60))
              .data("x", true);
      assertThat(session.transcript())
          .startsWith("start 200")
          .endsWith("failed 502 user: function response body too large");
      assertThat(session.body()).hasSize(8_400_000);
      assertThat(session.messages).allMatch(m -> m.getData().getData().size() <= 10_240);
    }
  }

  @Test
  void aFunctionThatSleepsPastItsTimeoutIsStopped() throws Exception {
    try (EngageRig rig = rig()) {
      assertThat(
              rig.session()
                  .tryCall(TestCalls.call("01ID", "sleep:5000").timeout(1))
                  .data("x", true)
                  .transcript())
          .containsExactly("failed 504 user: Timed out");
      assertThat(transcript(rig, "echo", "next")).endsWith("data 4", "finished");
      assertThat(rig.driver().made()).hasSize(2);
    }
  }

  @Test
  void anAnswerBeforeTheEndOfTheBodyIsNotSent() throws Exception {
    try (EngageRig rig = rig()) {
      assertThat(
              rig.session()
                  .tryCall(TestCalls.call("01ID", "early"))
                  .data("half", false)
                  .transcript())
          .containsExactly(
              "failed 502 user: function invoked write before receiving entire request");
    }
  }

  @Test
  void aFunctionThatClosesWhileItsBodyComes() throws Exception {
    try (EngageRig rig = rig()) {
      assertThat(
              rig.session()
                  .tryCall(TestCalls.call("01ID", "dropearly"))
                  .data("half", false)
                  .transcript())
          .containsExactly("failed 502 user: function closed pipe while receiving request");
    }
  }

  @Test
  void containersThatCanNotBeMade() throws Exception {
    try (EngageRig rig = rig()) {
      rig.driver().failWith(spec -> new IllegalStateException("secret of the engine"));
      assertThat(transcript(rig, "echo", "x"))
          .containsExactly("failed 500 service: internal server error");
      rig.driver().failWith(spec -> new ServiceException(400, "image has Volume definition"));
      assertThat(transcript(rig, "echo", "x"))
          .containsExactly("failed 400 service: image has Volume definition");
    }
  }

  @Test
  void functionsThatNeverListen() throws Exception {
    try (EngageRig rig = rig("FN_HOT_START_TIMEOUT_MSECS", "200")) {
      rig.driver().silent(true);
      assertThat(transcript(rig, "echo", "x"))
          .containsExactly(
              "failed 504 user: Container initialization timed out, please ensure you are using"
                  + " the latest fdk and check the logs");
    }
  }

  @Test
  void aRunnerThatIsFullRefusesBeforeAnyOutput() throws Exception {
    try (EngageRig rig = rig("FN_HOT_POLL_MSECS", "20")) {
      ResourceTracker.Reservation everything =
          Objects.requireNonNull(rig.agent().resources().reserve(EngageRig.ROOM));
      Session session = rig.session().tryCall(TestCalls.call("01ID", "echo")).data("x", true);
      assertThat(session.transcript())
          .containsExactly("failed 503 service: Timed out - server too busy");
      assertThat(session.saysTaken()).isFalse();
      assertThat(rig.driver().made()).isEmpty();

      // A body that goes on does not matter.
      Session open = rig.session().tryCall(TestCalls.call("01ID", "echo")).data("x", false);
      assertThat(open.transcript())
          .containsExactly("failed 503 service: Timed out - server too busy");
      everything.release();
      assertThat(transcript(rig, "echo", "x")).endsWith("data 1", "finished");
    }
  }

  @Test
  void aRunnerThatStopsRefuses() throws Exception {
    try (EngageRig rig = rig()) {
      rig.agent().close(Duration.ofSeconds(5));
      assertThat(transcript(rig, "echo", "x"))
          .containsExactly("failed 503 service: Timed out - server too busy");
    }
  }

  @Test
  void detachedCalls() throws Exception {
    try (EngageRig rig = rig()) {
      assertThat(
              rig.session()
                  .tryCall(TestCalls.call("01ID", "echo").type(CallType.DETACHED))
                  .data("not sent back", true)
                  .transcript())
          .containsExactly("start 202", "finished");
      assertThat(
              rig.session()
                  .tryCall(TestCalls.call("01ID", "drop").type(CallType.DETACHED))
                  .data("x", true)
                  .transcript())
          .as("taken, and then it fails")
          .containsExactly("start 202", "failed 502 user: error receiving function response");
    }
    try (EngageRig rig = new EngageRig(Map.of(), new SessionRules(false, ""))) {
      assertThat(
              rig.session()
                  .tryCall(TestCalls.call("01ID", "echo").type(CallType.DETACHED))
                  .data("x", true)
                  .transcript())
          .containsExactly(
              "failed 501 service: Detach call functions are not supported on this server");
    }
  }

  @Test
  void extensionsReachTheDriver() throws Exception {
    try (EngageRig rig = rig()) {
      rig.session()
          .tryCall(
              TryCall.newBuilder()
                  .setModelsCallJson(CallJson.write(TestCalls.call("01ID", "echo")))
                  .putExtensions("FN_CHEESE", "Tete de Moine")
                  .build())
          .data("x", true)
          .finished();
      assertThat(rig.driver().made().getFirst().spec().extensions())
          .isEqualTo(Map.of("FN_CHEESE", "Tete de Moine"));
    }
  }

  /** Load balancers and runners agree on what may share a container. */
  @Test
  void theSlotKeyOfTheLoadBalancerHolds() throws Exception {
    try (EngageRig rig = rig()) {
      for (String fn : List.of("one", "two")) {
        String json = CallJson.write(TestCalls.call("01ID", "echo").fnId(fn));
        assertThat(rig.session().tryCall(json, "cafe").data("x", true).finished().getSuccess())
            .isTrue();
      }
      assertThat(rig.driver().made()).hasSize(1);
    }
  }

  @Test
  void theLastMessageTellsWhatACallCost() throws Exception {
    try (EngageRig rig = rig()) {
      rig.driver().pullTime(Duration.ofMillis(20));
      Instant before = Instant.now().minusSeconds(1);
      CallFinished cold =
          rig.session().tryCall(TestCalls.call("01ID", "echo")).data("x", true).finished();
      assertThat(cold.getDetails()).isEqualTo("01ID");
      assertThat(cold.getImage()).isEqualTo(TestCalls.call("01ID", "echo").image());
      Instant created = Timestamps.parse(cold.getCreatedAt());
      Instant started = Timestamps.parse(cold.getStartedAt());
      Instant completed = Timestamps.parse(cold.getCompletedAt());
      assertThat(List.of(before, created, started, completed)).isSorted();
      assertThat(cold.getImagePullWaitDuration()).isEqualTo(Duration.ofMillis(20).toNanos());
      assertThat(cold.getCtrPrepDuration()).isPositive();
      assertThat(cold.getCtrCreateDuration()).isPositive();
      assertThat(cold.getInitStartTime()).isPositive();
      assertThat(cold.getExecutionDuration()).isPositive();
      // Waiting for a container is scheduling.
      assertThat(cold.getSchedulerDuration())
          .isGreaterThan(cold.getImagePullWaitDuration() + cold.getCtrCreateDuration());

      CallFinished warm =
          rig.session().tryCall(TestCalls.call("02ID", "echo")).data("x", true).finished();
      assertThat(warm.getExecutionDuration()).isPositive();
      assertThat(
              warm.getImagePullWaitDuration()
                  + warm.getCtrPrepDuration()
                  + warm.getCtrCreateDuration()
                  + warm.getInitStartTime())
          .as("it met a hot container")
          .isZero();
    }
  }

  @Test
  void aCallThatNeverStartedHasNoTimesOfAStart() throws Exception {
    try (EngageRig rig = rig()) {
      rig.driver().failWith(spec -> new ServiceException(400, "no"));
      CallFinished failed =
          rig.session().tryCall(TestCalls.call("01ID", "echo")).data("x", true).finished();
      assertThat(failed.getCreatedAt()).isNotEmpty();
      assertThat(failed.getStartedAt()).isEmpty();
      assertThat(failed.getCompletedAt()).isEmpty();
      assertThat(failed.getSchedulerDuration()).isZero();

      CallFinished unread = rig.session().tryCall("{no json", "").finished();
      assertThat(unread.getDetails()).isEmpty();
      assertThat(unread.getCreatedAt()).isEmpty();
    }
  }
}
