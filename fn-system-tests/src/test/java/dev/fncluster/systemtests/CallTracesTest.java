package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The traces of calls, from their clients to their functions. */
@Tag("docker")
@ExtendWith(ObservedClusterExtension.class)
final class CallTracesTest {
  private static final Duration BOUND = Duration.ofSeconds(120);

  private final ObservedCluster observed;

  CallTracesTest(ObservedCluster observed) {
    this.observed = observed;
  }

  @Test
  void aTraceLeadsFromTheClientToTheFunction() {
    await()
        .atMost(BOUND)
        .untilAsserted(() ->
            assertThat(observed.collector().spans(CallsOfEveryKind.TRACE))
                .extracting(TraceCollector.Seen::name)
                .contains("fn.invoke", "fn.place", "fn.run", "fn.queue", "fn.execute"));
    TraceCollector.Seen invoke = observed.collector().span(CallsOfEveryKind.TRACE, "fn.invoke");
    TraceCollector.Seen execute = observed.collector().span(CallsOfEveryKind.TRACE, "fn.execute");
    // A runner that was full may have refused the call before: another placement, and its own.
    TraceCollector.Seen run = observed.collector().parent(execute);
    TraceCollector.Seen place = observed.collector().parent(run);

    assertThat(invoke.service()).isEqualTo("fn-lb");
    assertThat(invoke.parent()).isEqualTo(CallsOfEveryKind.CLIENT_SPAN);
    assertThat(place.name()).isEqualTo("fn.place");
    assertThat(place.parent()).isEqualTo(invoke.id());
    assertThat(run.name()).isEqualTo("fn.run");
    assertThat(run.service()).isEqualTo("fn-runner");
    for (String step :
        List.of(
            "fn.queue",
            "fn.image_pull",
            "fn.container_create",
            "fn.container_start",
            "fn.container_init",
            "fn.execute")) {
      assertThat(observed.collector().spans(CallsOfEveryKind.TRACE))
          .as(step)
          .anyMatch(each -> each.name().equals(step) && each.parent().equals(run.id()));
    }
    assertThat(observed.calls().functionTraceParent())
        .startsWith("00-" + CallsOfEveryKind.TRACE + "-" + execute.id() + "-0");
  }

  @Test
  void aTraceTellsOfTheWaitsForRunnersAndDoesNotGrowWithThem() {
    await()
        .atMost(BOUND)
        .untilAsserted(() ->
            assertThat(observed.collector().spans(CallsOfEveryKind.REFUSED_TRACE))
                .extracting(TraceCollector.Seen::name)
                .contains("fn.invoke"));
    TraceCollector.Seen invoke =
        observed.collector().span(CallsOfEveryKind.REFUSED_TRACE, "fn.invoke");
    List<TraceCollector.Seen> search =
        observed.collector().spans(CallsOfEveryKind.REFUSED_TRACE).stream()
            .filter(span -> span.parent().equals(invoke.id()))
            .toList();

    assertThat(search).hasSizeBetween(4, 64);
    assertThat(search)
        .filteredOn(span -> span.name().equals("fn.place_wait"))
        .isNotEmpty()
        .allMatch(span -> "busy".equals(span.attributes().get("fn.reason")));
    assertThat(search)
        .filteredOn(span -> span.name().equals("fn.place"))
        .isNotEmpty()
        .allMatch(span -> span.attributes().containsKey("fn.runner"));
  }

  @Test
  void tracesOfB3AreContinuedToo() {
    assertThat(observed.calls().functionB3Trace()).isEqualTo(CallsOfEveryKind.B3_TRACE);
    await()
        .atMost(BOUND)
        .untilAsserted(() ->
            assertThat(observed.collector().spans(CallsOfEveryKind.B3_TRACE))
                .extracting(TraceCollector.Seen::name)
                .contains("fn.invoke", "fn.run", "fn.execute"));
    assertThat(observed.collector().span(CallsOfEveryKind.B3_TRACE, "fn.invoke").parent())
        .isEqualTo(CallsOfEveryKind.CLIENT_SPAN);
  }
}
