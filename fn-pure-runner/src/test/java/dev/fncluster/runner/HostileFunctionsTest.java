package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.model.Call;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Functions that mean harm, or do it: each call ends with the status that is documented for it, and
 * the next one is served.
 */
@Tag("docker")
final class HostileFunctionsTest {
  private static final String INIT_FAILED = "Container failed to initialize";

  private static DockerRig rig;
  private static RunnerAgent agent;

  @BeforeAll
  static void start() throws Exception {
    rig = new DockerRig("hostile-test");
    agent = rig.agent(Map.of("FN_MAX_RESPONSE_SIZE", "12000000"), 1024);
  }

  @AfterAll
  static void nothingIsLeft() throws Exception {
    rig.closeAndCheck(agent);
    rig.close();
  }

  private static Call call(String mode) {
    String fn = mode.replaceAll(":.*", "");
    return TestCalls.call("call", mode).fnId("fn-" + fn).timeout(30);
  }

  private static void fails(Call call, int code, String message) throws Exception {
    TestCalls.Outcome outcome = rig.run(agent, call, "x");
    assertThat(outcome.failure()).isInstanceOf(FnException.class);
    FnException failure = (FnException) Objects.requireNonNull(outcome.failure());
    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure.publicMessage()).startsWith(message);
  }

  private static void isServed(Call harmless) throws Exception {
    TestCalls.Outcome next = rig.run(agent, harmless, "next");
    assertThat(next.failure()).isNull();
    assertThat(next.text()).isEqualTo("next");
  }

  private static Call echo(String mode) {
    return TestCalls.call("next", "echo").fnId("fn-" + mode).timeout(30);
  }

  @Test
  void takesAllMemory() throws Exception {
    fails(call("oom").memory(64), 502, "error receiving function response");
    isServed(echo("oom").memory(64));
  }

  @Test
  void startsThreadsWithoutEnd() throws Exception {
    TestCalls.Outcome outcome = rig.run(agent, call("threads"), "x");
    assertThat(outcome.failure()).isNull();
    assertThat(Integer.parseInt(outcome.text())).isBetween(1, 50);
    isServed(echo("threads"));
  }

  @Test
  void fillsItsDisk() throws Exception {
    Call fill = call("fill:/tmp/big").tmpfsSize(2);
    TestCalls.Outcome outcome = rig.run(agent, fill, "x");
    assertThat(outcome.text()).startsWith("2097152 bytes").contains("No space left on device");
    assertThat(rig.run(agent, call("fill:/big").tmpfsSize(2), "x").text())
        .startsWith("0 bytes")
        .contains("Read-only file system");
    isServed(echo("fill").tmpfsSize(2));
  }

  @Test
  void answersWithTenMebibytesOfHeaders() throws Exception {
    fails(call("longheader:10485760"), 502, "function response header too large");
    isServed(echo("longheader"));
  }

  @Test
  void answersWithoutEnd() throws Exception {
    fails(call("endless"), 502, "function response body too large");
    isServed(echo("endless"));
  }

  @Test
  void closesItsSocket() throws Exception {
    TestCalls.Outcome last = rig.run(agent, call("closesocket"), "x");
    assertThat(last.failure()).isNull();
    isServed(echo("closesocket"));
    isServed(echo("closesocket"));
  }

  @Test
  void leadsElsewhereWithALink() throws Exception {
    fails(call("link").config(Map.of("INIT_LINK", "../docker.sock")), 502, INIT_FAILED);
    fails(call("link").config(Map.of("INIT_LINK", "/var/run/docker.sock")), 502, INIT_FAILED);
    fails(call("link").config(Map.of("INIT_LINK", "nothing")), 502, INIT_FAILED);
    isServed(echo("link"));
  }

  @Test
  void neverListens() throws Exception {
    fails(
        call("silent").config(Map.of("INIT_DELAY_MS", "600000")),
        504,
        "Container initialization timed out");
    isServed(echo("silent"));
  }

  @Test
  void exitsWithoutAWord() throws Exception {
    fails(call("exit:0"), 502, "error receiving function response");
    isServed(echo("exit"));
    fails(call("early").config(Map.of("INIT_EXIT", "0")), 502, INIT_FAILED);
    fails(call("early").config(Map.of("INIT_EXIT", "0", "INIT_DELAY_MS", "200")), 502, INIT_FAILED);
  }
}
