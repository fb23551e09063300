package dev.fncluster.runner.engage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import dev.fncluster.api.model.CallJson;
import dev.fncluster.api.model.CallType;
import dev.fncluster.proto.CallFinished;
import dev.fncluster.proto.ConfigMsg;
import dev.fncluster.proto.RunnerProtocolGrpc;
import dev.fncluster.proto.RunnerStatus;
import dev.fncluster.runner.TestCalls;
import dev.fncluster.runner.engage.EngageRig.Session;
import io.grpc.CallOptions;
import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol, message by message, over a real connection. */
final class EngageTest {
  private EngageRig rig;

  @BeforeEach
  void warm() throws Exception {
    rig = new EngageRig(Map.of("FN_MAX_RESPONSE_SIZE", "250000"));
    assertThat(warmUp().end().isOk()).isTrue();
  }

  private Session warmUp() {
    return rig.session().tryCall(TestCalls.call("warm", "echo")).data("", true);
  }

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  @Test
  void callsOfOneFnAreReadEachForItself() throws Exception {
    for (String id : new String[] {"01A", "01B", "01C"}) {
      Session session = rig.session();
      session.tryCall(CallJson.write(TestCalls.call(id, "echo")), "00ff");
      session.data(id, true);
      assertThat(session.finished().getDetails()).isEqualTo(id);
      assertThat(session.body()).isEqualTo(id);
    }
  }

  @Test
  void aNormalSession() throws Exception {
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", "echo"));
    session.data("hello ", false);
    session.data("world", true);
    CallFinished finished = session.finished();
    assertThat(session.messages).hasSize(3);
    assertThat(session.messages.getFirst().getResultStart().getHttp().getStatusCode())
        .isEqualTo(200);
    assertThat(session.messages.getFirst().getResultStart().getHttp().getHeadersList())
        .extracting(header -> header.getKey() + "=" + header.getValue())
        .containsExactly("Content-Type=text/plain", "X-Multi=a", "X-Multi=b", "Content-Length=11");
    assertThat(session.messages.get(1).getData().getData().toStringUtf8()).isEqualTo("hello world");
    assertThat(finished.getSuccess()).isTrue();
    assertThat(finished.getErrorCode()).isZero();
    assertThat(finished.getDetails()).isEqualTo("01ID");
    assertThat(finished.getImage()).isNotEmpty();
    assertThat(finished.getCreatedAt()).endsWith("Z");
    assertThat(finished.getExecutionDuration()).isPositive();
    assertThat(finished.getCtrCreateDuration()).as("it met a hot container").isZero();
  }

  @Test
  void aColdCallReportsWhatItsContainerCost() throws Exception {
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", "echo").fnId("cold"));
    session.data("x", true);
    CallFinished finished = session.finished();
    assertThat(finished.getCtrCreateDuration()).isPositive();
    assertThat(finished.getCtrPrepDuration()).isPositive();
    assertThat(finished.getInitStartTime()).isPositive();
  }

  @Test
  void saysTakenWhileTheBodyIsOnItsWayAndOnlyThen() throws Exception {
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", "echo"));
    session.data("first", false);
    await().atMost(Duration.ofSeconds(60)).until(session::saysTaken);
    session.data("last", true);
    session.finished();
    assertThat(session.body()).isEqualTo("firstlast");

    Session whole = rig.session();
    whole.tryCall(TestCalls.call("01ID", "echo"));
    whole.data("all", true);
    whole.finished();
    assertThat(whole.body()).isEqualTo("all");
  }

  @Test
  void takesACallWhoseBodyHasNotBegunToCome() throws Exception {
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", "echo"));
    await().atMost(Duration.ofSeconds(60)).until(session::saysTaken);
    session.data("", true);
    session.finished();
    assertThat(session.body()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "status:502, 502, function failed, true",
    "status:504, 504, Timed out, true",
    "status:500, 502, invalid function response, true",
    "drop, 502, error receiving function response, true",
    "short, 502, error receiving function response, true",
    "chunked:300000, 502, function response body too large, true",
    "big:300000, 502, function response body too large, true",
  })
  void failures(String mode, int code, String text, boolean user) throws Exception {
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", mode));
    session.data("x", true);
    CallFinished finished = session.finished();
    assertThat(finished.getSuccess()).isFalse();
    assertThat(finished.getErrorCode()).isEqualTo(code);
    assertThat(finished.getErrorStr()).isEqualTo(text);
    assertThat(finished.getErrorUser()).isEqualTo(user);
    if (!mode.equals("short")) {
      assertThat(session.messages).as("nothing before the failure").hasSize(1);
    }
  }

  /** An answer of unknown length that may turn out too long is held back, but not for long. */
  @ParameterizedTest
  @ValueSource(strings = {"text/event-stream", "application/x-ndjson"})
  void theBeginningOfAStreamIsThereBeforeItsEnd(String type) throws Exception {
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", "pausing:" + type).timeout(120)).data("", true);
    await().atMost(Duration.ofSeconds(60)).until(() -> session.body().equals("first"));
    assertThat(session.isOver()).isFalse();
    Objects.requireNonNull(rig.driver().made().getLast().function()).goOn();
    session.finished();
    assertThat(session.body()).isEqualTo("firstlast");
  }

  @Test
  void answersThatWereHeldBackGoOutAtTheSpeedOfWhoReadsThem() throws Exception {
    try (EngageRig large = new EngageRig(Map.of("FN_MAX_RESPONSE_SIZE", "8000000"))) {
      Session slow = ofEightMegabytes(large, 60);
      await().atMost(Duration.ofSeconds(60)).until(() -> slow.messages.size() == 2);
      assertThat(large.agent().callsInFlight()).isEqualTo(1);
      slow.read(1_000_000);
      assertThat(slow.finished().getSuccess()).isTrue();
      assertThat(slow.body()).hasSize(8_000_000);

      Session next = ofEightMegabytes(large, 60);
      next.read(1_000_000);
      assertThat(next.finished().getSuccess()).isTrue();
      assertThat(large.driver().made()).as("the container is kept").hasSize(1);
    }
  }

  @Test
  void anAnswerThatNobodyReadsEndsWithItsCallAndNotWithItsContainer() throws Exception {
    try (EngageRig large = new EngageRig(Map.of("FN_MAX_RESPONSE_SIZE", "8000000"))) {
      for (int i = 0; i < 2; i++) {
        Session unread = ofEightMegabytes(large, 3);
        await().atMost(Duration.ofSeconds(60)).until(() -> unread.messages.size() == 2);
        await().atMost(Duration.ofSeconds(60)).until(() -> large.agent().callsInFlight() == 0);
        unread.read(1_000_000);
        assertThat(unread.finished().getErrorCode()).isEqualTo(504);
      }
      assertThat(large.driver().made()).as("the container is kept").hasSize(1);
    }
  }

  /** More than there is room for on the way, of which two messages are read. */
  private static Session ofEightMegabytes(EngageRig rig, int timeout) {
    return rig.session(CallOptions.DEFAULT, 2)
        .tryCall(TestCalls.call("01ID", "chunked:8000000").timeout(timeout))
        .data("", true);
  }

  @Test
  void answersBeforeTheEndOfTheBodyFailTheCall() throws Exception {
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", "early"));
    session.data("x", false);
    CallFinished finished = session.finished();
    assertThat(finished.getErrorStr())
        .isEqualTo("function invoked write before receiving entire request");
    assertThat(session.messages).hasSize(1);
  }

  @Test
  void theTimeoutHoldsWhileTheBodyIsOpen() throws Exception {
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", "echo").timeout(1));
    session.data("x", false);
    assertThat(session.finished().getErrorCode()).isEqualTo(504);
  }

  @ParameterizedTest
  @CsvSource({
    "{no json, , call is no valid JSON",
    "{\"timeout\":\"x\"}, , timeout is VALUE_STRING",
    "{}, zz, ",
  })
  void badCallsAreAnsweredInWords(String json, @Nullable String slot, @Nullable String text)
      throws Exception {
    Session session = rig.session();
    session.tryCall(json, slot == null ? "" : slot);
    CallFinished finished = session.finished();
    assertThat(finished.getSuccess()).isFalse();
    assertThat(finished.getErrorCode()).isEqualTo(500);
    assertThat(finished.getErrorStr()).startsWith(text == null ? "" : text).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "BAD METHOD, http://h/, method is not one of HTTP",
    "'GE\u007fT', http://h/, method is not one of HTTP",
    "GÉT, http://h/, method is not one of HTTP",
    "GET, 'http://h/a\tb', url is not a URL",
    "GET, http://h/%zz, url is not a URL",
    "GET, http://h/%4, url is not a URL",
    "GET, 'http://h h/', url is not a URL",
    "GET, 'http://<h>/', url is not a URL",
    "GET, ://h/, url is not a URL",
    "GET, 1://h/, url is not a URL",
    "GET, 'h t://h/', url is not a URL",
    "GET, 1:2/x, url is not a URL",
  })
  void callsThatNoRequestCanHaveMadeAreRefusedBeforeAContainerIsTouched(
      String method, String url, String text) throws Exception {
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", "echo").fnId("other").method(method).url(url));
    CallFinished finished = session.finished();
    assertThat(session.messages).hasSize(1);
    assertThat(finished.getErrorCode()).isEqualTo(500);
    assertThat(finished.getErrorStr()).isEqualTo(text);
    assertThat(finished.getErrorUser()).isFalse();
    assertThat(finished.getDetails()).isEqualTo("01ID");
    assertThat(rig.driver().made()).as("containers, with that of the warm-up").hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "PROPFIND, /",
    "x-own, *",
    "GET, http://h:80/a%20b|c\"?q=%zz&r=:#%",
    "GET, 'https://[::1]:8443/a b'",
    "GET, http://user:pass@h_h%20/ü",
    "GET, a/b:c",
    "OPTIONS, mailto:x%zz",
  })
  void whatARequestMayHaveIsTaken(String method, String url) throws Exception {
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", "echo").method(method).url(url)).data("", true);
    assertThat(session.finished().getSuccess()).isTrue();
  }

  @Test
  void callsThatCanNeverFitAreRefused() throws Exception {
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", "echo").memory(1 << 20));
    assertThat(session.finished().getErrorCode()).isEqualTo(400);
  }

  @Test
  void protocolFailures() throws Exception {
    Session dataFirst = rig.session();
    dataFirst.data("x", true);
    expectFailure(dataFirst, "Protocol failure: expected ClientMsg_Try");
    Session nothing = rig.session();
    nothing.call.halfClose();
    expectFailure(nothing, "Protocol failure: expected ClientMsg_Try");
    Session twice = rig.session();
    twice.tryCall(TestCalls.call("01ID", "echo"));
    twice.tryCall(TestCalls.call("01ID", "echo"));
    expectFailure(twice, "Protocol failure: expected ClientMsg_Data");
    Session halfBody = rig.session();
    halfBody.tryCall(TestCalls.call("01ID", "echo"));
    halfBody.data("x", false);
    halfBody.call.halfClose();
    expectFailure(halfBody, "Protocol failure: expected ClientMsg_Data");
  }

  private static void expectFailure(Session session, String text) throws Exception {
    Status status = session.end();
    assertThat(status.getCode()).isEqualTo(Status.Code.UNKNOWN);
    assertThat(status.getDescription()).isEqualTo(text);
    assertThat(session.messages).isEmpty();
  }

  @Test
  void aHalfCloseAfterTheBodyIsFine() throws Exception {
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", "echo"));
    session.data("x", true);
    session.call.halfClose();
    assertThat(session.finished().getSuccess()).isTrue();
  }

  @Test
  void aClientThatCancelsEndsItsCall() throws Exception {
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", "sleep:100000").timeout(600));
    session.data("x", true);
    await().atMost(Duration.ofSeconds(60)).until(() -> rig.agent().callsInFlight() == 1);
    session.call.cancel("gone", null);
    await().atMost(Duration.ofSeconds(60)).until(() -> rig.agent().callsInFlight() == 0);
    await().atMost(Duration.ofSeconds(60)).until(() -> rig.status().getActive() == 0);
  }

  @Test
  void detachedCallsAreAcknowledgedWhenTheyStart() throws Exception {
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", "sleep:300").type(CallType.DETACHED));
    session.data("x", true);
    assertThat(session.finished().getSuccess()).isTrue();
    assertThat(session.messages).hasSize(2);
    assertThat(session.messages.getFirst().getResultStart().getHttp().getStatusCode())
        .isEqualTo(202);
    assertThat(session.messages.getFirst().getResultStart().getHttp().getHeadersCount()).isZero();
  }

  @Test
  void aClosedAgentAnswersThatItIsBusy() throws Exception {
    rig.agent().close(Duration.ofSeconds(5));
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", "echo"));
    CallFinished finished = session.finished();
    assertThat(finished.getErrorCode()).isEqualTo(503);
    assertThat(finished.getErrorUser()).isFalse();
  }

  @Test
  void bodiesComeInPieces() throws Exception {
    Session session = rig.session();
    session.tryCall(TestCalls.call("01ID", "echo"));
    StringBuilder sent = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      String part = Integer.toString(i).repeat(500);
      sent.append(part);
      session.data(part, false);
    }
    session.data("", true);
    assertThat(session.finished().getSuccess()).isTrue();
    assertThat(session.body()).isEqualTo(sent.toString());
  }

  @Test
  void statusCountsSessions() {
    RunnerStatus status = rig.status();
    assertThat(status.getActive()).isZero();
    assertThat(status.getRequestsReceived()).isEqualTo(1);
    assertThat(status.getRequestsHandled()).isEqualTo(1);
    RunnerStatus second =
        RunnerProtocolGrpc.newBlockingStub(rig.channel()).status2(Struct.getDefaultInstance());
    assertThat(second).isEqualTo(status);
  }

  @Test
  void whatHasNoHandlerIsAnsweredAsOthersDo() {
    var stub = RunnerProtocolGrpc.newBlockingStub(rig.channel());
    assertThat(stub.configureRunner(ConfigMsg.getDefaultInstance())).isNotNull();
    CompletableFuture<Status> closed = new CompletableFuture<>();
    RunnerProtocolGrpc.newStub(rig.channel())
        .streamLogs(
            new io.grpc.stub.StreamObserver<>() {
              @Override
              public void onNext(dev.fncluster.proto.LogResponseMsg value) {}

              @Override
              public void onError(Throwable failure) {
                closed.complete(Status.fromThrowable(failure));
              }

              @Override
              public void onCompleted() {}
            });
    assertThat(closed.orTimeout(10, TimeUnit.SECONDS).join().getDescription())
        .isEqualTo("runner not configured with logStreamer");
  }
}
