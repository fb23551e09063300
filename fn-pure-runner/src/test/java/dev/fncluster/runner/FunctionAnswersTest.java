package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.model.Call;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of the answers that functions give, good ones and others. */
final class FunctionAnswersTest {
  @RegisterExtension final AgentRig rig = new AgentRig();

  @Test
  void saysInTheCallWhyItFailed() throws Exception {
    Call call = rig.run("drop", "x").call();
    assertThat(call.status()).isEqualTo("error");
    assertThat(call.error()).isEqualTo("error receiving function response");
    assertThat(call.completedAt()).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({
    "status:502, 502, function failed, true",
    "status:504, 504, Timed out, true",
    "status:500, 502, invalid function response, false",
    "status:404, 502, invalid function response, false",
    "drop, 502, error receiving function response, false",
    "short, 502, error receiving function response, false",
    "garbage, 502, error receiving function response, false",
    "longheader:2000000, 502, function response header too large, false",
  })
  void mapsWhatFunctionsDo(String mode, int code, String text, boolean kept) throws Exception {
    rig.settings(Map.of("FN_MAX_HDR_RESPONSE_SIZE", "1000000"));
    FnException failure = rig.run(mode, "x").error();
    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure.publicMessage()).isEqualTo(text);
    assertThat(rig.run("echo", "next").text()).isEqualTo("next");
    assertThat(rig.driver().made()).hasSize(kept ? 1 : 2);
  }

  @Test
  void cutsAnswersThatAreTooLong() throws Exception {
    // A limit that is too long for an answer to be held back.
    rig.settings(Map.of("FN_MAX_RESPONSE_SIZE", "8400000"));
    TestCalls.Outcome outcome = rig.run("chunked:8500000", "x");
    assertThat(outcome.status()).isEqualTo(200);
    assertThat(outcome.body()).hasSize(8_400_000);
    assertThat(outcome.error().publicMessage()).isEqualTo("function response body too large");
    assertThat(rig.run("chunked:8400000", "x").failure()).isNull();
    assertThat(rig.driver().made()).as("the container is kept").hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "250000, big:250001",
    "250000, chunked:250001",
    "25000, big:25001",
    "25000, chunked:26000",
    "8388608, chunked:8388609",
  })
  void sendsNothingOfAnswersThatAreKnownToBeTooLong(String limit, String mode) throws Exception {
    rig.settings(Map.of("FN_MAX_RESPONSE_SIZE", limit));
    TestCalls.Outcome outcome = rig.run(mode, "x");
    assertThat(outcome.status()).isZero();
    assertThat(outcome.body()).isEmpty();
    assertThat(outcome.error().publicMessage()).isEqualTo("function response body too large");
    assertThat(rig.run("chunked:25000", "x").body()).hasSize(25_000);
    assertThat(rig.run("big:25000", "x").body()).hasSize(25_000);
    assertThat(rig.run("echo", "next").text()).isEqualTo("next");
    assertThat(rig.driver().made()).as("the container is kept").hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"close, 2", "idleclose, 2", "continue, 1"})
  void livesWithWhatServersMayDo(String mode, int connections) throws Exception {
    assertThat(rig.run(mode, "one").text()).isEqualTo("one");
    TestFunction function = rig.function();
    if (mode.equals("idleclose")) {
      // The next call is lost with the connection if it comes before the close does.
      AgentRig.soon().until(() -> function.closings() == 1);
    }
    assertThat(rig.run("echo", "two").text()).isEqualTo("two");
    assertThat(rig.driver().made()).hasSize(1);
    assertThat(function.connections()).isEqualTo(connections);
  }

  @Test
  void nobodyGetsAnAnswerThatIsNotTheirs() throws Exception {
    for (int i = 0; i < 20; i++) {
      assertThat(rig.run("echo", "warm").failure()).isNull();
    }
    // The second call waits and begins in the moment in which the first one ends.
    CompletableFuture<TestCalls.Outcome> first = rig.start(TestCalls.call("a", "twice"), "mine");
    CompletableFuture<TestCalls.Outcome> second = rig.start(TestCalls.call("b", "echo"), "yours");
    assertThat(first.get(60, TimeUnit.SECONDS).text()).isEqualTo("mine");
    TestCalls.Outcome outcome = second.get(60, TimeUnit.SECONDS);
    // It may be lost with a connection on which there was more than an answer.
    if (outcome.failure() == null) {
      assertThat(outcome.text()).isEqualTo("yours");
    } else {
      assertThat(outcome.error().code()).isEqualTo(502);
      assertThat(outcome.body()).isEmpty();
    }
    assertThat(rig.run("echo", "next").text()).isEqualTo("next");
  }
}
