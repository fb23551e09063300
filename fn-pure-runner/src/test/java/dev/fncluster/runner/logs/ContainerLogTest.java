package dev.fncluster.runner.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.driver.OutputSource;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class ContainerLogTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<LogLine> lines = new CopyOnWriteArrayList<>();
  private long now = 1_000;

  private FunctionLogs logs(String... settings) {
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(LogViews.all());
    Map<String, String> all =
        settings.length == 0
            ? Map.of("FN_DISABLE_DEBUG_USER_LOGS", "true")
            : Map.of("FN_DISABLE_DEBUG_USER_LOGS", "true", settings[0], settings[1]);
    FunctionLogs logs =
        FunctionLogs.create(
            LogSettings.from(Settings.of(all)),
            registry,
            Clock.fixed(Instant.ofEpochMilli(1_700_000_000_123L), ZoneOffset.UTC),
            () -> now);
    logs.add(lines::add);
    return logs;
  }

  private static ContainerLog open(FunctionLogs logs, Map<String, String> environment) {
    return logs.open("app", "fn", "box", environment).orElseThrow();
  }

  private static void out(ContainerLog log, String text) {
    log.output(OutputSource.STDOUT, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
  }

  private static void err(ContainerLog log, String text) {
    log.output(OutputSource.STDERR, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
  }

  private List<String> seen() {
    return lines.stream().map(line -> line.callId() + ":" + line.data().toStringUtf8()).toList();
  }

  private double count(String name, String... tags) {
    return meters.get(name).tags(tags).counter().count();
  }

  private void pass(long millis) {
    now += millis * 1_000_000;
  }

  @Test
  void linesBelongToTheCallUnderWay() {
    ContainerLog log = open(logs(), Map.of());
    out(log, "starting\n");
    log.callBegan("c1");
    out(log, "hello\nworld");
    err(log, "oops\n");
    log.callEnded();
    pass(20);
    out(log, "!\nlate\n"); // It left the function before the end of the call.
    pass(5_000);
    out(log, "background\n");
    log.callBegan("c2");
    out(log, "second\n");
    log.callEnded();
    pass(5_000);
    err(log, "background\n");
    assertThat(seen())
        .containsExactly(
            ":starting",
            "c1:hello",
            "c1:oops",
            "c1:world!",
            "c1:late",
            ":background",
            "c2:second",
            ":background");
    assertThat(lines.get(2))
        .isEqualTo(
            new LogLine(
                1_700_000_000_123L,
                OutputSource.STDERR,
                com.google.protobuf.ByteString.copyFromUtf8("oops"),
                "app",
                "fn",
                "box",
                "c1"));
    assertThat(count("fn_function_log_lines")).isEqualTo(8);
  }

  @Test
  void lineThatACallDidNotFinishIsItsOwn() {
    ContainerLog log = open(logs(), Map.of());
    log.callBegan("c1");
    out(log, "no end");
    log.callEnded();
    log.callBegan("c2");
    out(log, "next\n");
    assertThat(seen()).containsExactly("c1:no end", "c2:next");
  }

  @Test
  void lastLineNeedsNoEnd() {
    ContainerLog log = open(logs(), Map.of());
    log.callBegan("c1");
    out(log, "last words");
    log.ended(null);
    assertThat(seen()).containsExactly("c1:last words");
  }

  @Test
  void saysThatTheRestIsLost() {
    ContainerLog log = open(logs(), Map.of());
    log.callBegan("c1");
    out(log, "a");
    log.ended(new IOException("gone"));
    assertThat(seen()).containsExactly("c1:a", ":-----the output from here on is lost-----");
  }

  @Test
  void lineThatTakesItsTimeIsPassedOnUnfinished() throws Exception {
    ContainerLog log = open(logs(), Map.of());
    try (EventLoops loops = EventLoops.create(1, "log-loop")) {
      loops.loops().getFirst().submit(() -> out(log, "prompt> ")).get();
      Awaitility.await().untilAsserted(() -> assertThat(seen()).containsExactly(":prompt> "));
    }
  }

  @Test
  void callHasItsLimit() {
    ContainerLog log = open(logs("FN_MAX_LOG_SIZE_BYTES", "10"), Map.of());
    String text = "the quick brown fox jumps over the lazy dog and the next one too\n";
    log.callBegan("c1");
    out(log, text);
    out(log, text);
    log.callEnded();
    log.callBegan("c2");
    pass(10);
    out(log, "the rest of the flood\n");
    pass(100);
    out(log, "123456789\n\n\n");
    assertThat(seen())
        .containsExactly(
            "c1:the quick ",
            "c1:-----max log size 10 bytes exceeded, truncating log-----",
            "c2:123456789",
            "c2:-----max log size 10 bytes exceeded, truncating log-----");
    assertThat(count("fn_function_log_dropped_lines", "reason", "limit")).isEqualTo(5);
  }

  @Test
  void bothStreamsCountToTheLimit() {
    ContainerLog log = open(logs("FN_MAX_LOG_SIZE_BYTES", "10"), Map.of());
    log.callBegan("c1");
    out(log, "1234\n");
    err(log, "1234\n");
    out(log, "5\n");
    err(log, "6\n");
    assertThat(seen())
        .containsExactly(
            "c1:1234", "c1:1234", "c1:-----max log size 10 bytes exceeded, truncating log-----");
  }

  @Test
  void keepsAllWithinTheLimitAsItIs() {
    ContainerLog log = open(logs(), Map.of());
    log.callBegan("c1");
    out(log, "these\nare\n\nfive");
    out(log, "\nlines");
    log.ended(null);
    assertThat(seen()).containsExactly("c1:these", "c1:are", "c1:", "c1:five", "c1:lines");
  }

  @Test
  void marksOfTheFunctionTellCallsApart() {
    ContainerLog log =
        open(logs(), Map.of("FN_LOGFRAME_NAME", "call", "FN_LOGFRAME_HDR", "fn-call-id"));
    log.callBegan("c1");
    out(log, "\ncall=c1\nfirst\n");
    log.callEnded();
    log.callBegan("c2");
    out(log, "late\n\ncall=c2\n\nsecond\n");
    err(log, "\ncall=c2\nerror\n");
    log.callEnded();
    out(log, "call=forged\n");
    pass(5_000);
    out(log, "background\n");
    assertThat(seen())
        .containsExactly(
            "c1:first", "c1:late", "c2:", "c2:second", "c2:error", "c2:call=forged", ":background");
  }

  @Test
  void otherMarksAreOrdinaryLines() {
    ContainerLog log =
        open(logs(), Map.of("FN_LOGFRAME_NAME", "call", "FN_LOGFRAME_HDR", "X-Request"));
    log.callBegan("c1");
    out(log, "\ncall=c1\n");
    assertThat(seen()).containsExactly("c1:", "c1:call=c1");
  }

  @Test
  void nothingIsReadIfNobodyWantsIt() {
    ViewRegistry registry = new ViewRegistry(meters);
    assertThat(FunctionLogs.none(registry).open("app", "fn", "box", Map.of())).isEmpty();
  }
}
