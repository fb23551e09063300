package dev.fncluster.systemtests.conformance;

import static dev.fncluster.systemtests.conformance.ScriptedFunction.reply;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** The id of a request in the logs of the nodes that have to do with it. */
final class RequestIdTest {
  private static final String OF_RUNNER = "dev.fncluster.runner.engage.EngageSession";

  private static List<String> idsIn(ListAppender<ILoggingEvent> lines) {
    return lines.list.stream()
        .flatMap(line -> line.getKeyValuePairs().stream())
        .filter(pair -> pair.key.equals("fn_request_id"))
        .map((KeyValuePair pair) -> String.valueOf(pair.value))
        .toList();
  }

  private static ListAppender<ILoggingEvent> listenTo(String name) {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Logger logger = (Logger) LoggerFactory.getLogger(name);
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
    return lines;
  }

  private static void leave(String name, ListAppender<ILoggingEvent> lines) {
    Logger logger = (Logger) LoggerFactory.getLogger(name);
    logger.detachAppender(lines);
    logger.setLevel(null);
  }

  @Test
  void standsInTheLogsOfLoadBalancerAndRunner() throws Exception {
    ListAppender<ILoggingEvent> access = listenTo("access");
    ListAppender<ILoggingEvent> runner = listenTo(OF_RUNNER);
    try (LocalCluster cluster =
        LocalCluster.start(
            Map.of("FN_RID_HEADER", "req-id", "FN_LOG_ACCESS", "true"), UnaryOperator.identity())) {
      LocalCluster.Fn fn =
          cluster.createFn().answers(seen -> "nonsense\r\n\r\n".getBytes(US_ASCII));
      assertThat(fn.invoke("x", "Req-Id: 7").status()).isEqualTo(502);
      assertThat(idsIn(access)).containsExactly("7");
      assertThat(idsIn(runner)).containsExactly("7");

      fn.answers(seen -> reply(200, "well"));
      assertThat(fn.trigger("POST", "/tr", "x", "Req-Id: 8").status()).isEqualTo(200);
      WireClient.Answer without = fn.invoke("x");
      assertThat(without.status()).isEqualTo(200);
      assertThat(idsIn(access)).containsExactly("7", "8", without.head().first("Fn-Call-Id"));
    } finally {
      leave("access", access);
      leave(OF_RUNNER, runner);
    }
  }

  @Test
  void whatCannotBeOneIsReplaced() throws Exception {
    ListAppender<ILoggingEvent> access = listenTo("access");
    try (LocalCluster cluster =
        LocalCluster.start(
            Map.of("FN_RID_HEADER", "Req-Id", "FN_LOG_ACCESS", "true"), UnaryOperator.identity())) {
      LocalCluster.Fn fn = cluster.createFn();
      for (String sent : List.of("", "two words", "\u00e9", "x".repeat(257), "x".repeat(20_000))) {
        WireClient.Answer answer = fn.invoke("x", "Req-Id: " + sent);
        assertThat(answer.status()).as(sent).isEqualTo(200);
        assertThat(idsIn(access)).as(sent).endsWith(answer.head().first("Fn-Call-Id"));
      }
    } finally {
      leave("access", access);
    }
  }
}
