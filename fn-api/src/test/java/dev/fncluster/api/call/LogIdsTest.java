package dev.fncluster.api.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.model.Call;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

final class LogIdsTest {
  @Test
  void stayOnAllLinesOfAThreadUntilTheyAreClosed() {
    Call call = new Call().id("c").fnId("f").appId("a");
    try (LogIds plain = LogIds.of(call)) {
      assertThat(MDC.getCopyOfContextMap())
          .isEqualTo(Map.of("call_id", "c", "fn_id", "f", "app_id", "a"));
    }
    try (LogIds withRequest = LogIds.of(call.requestId("r"))) {
      assertThat(MDC.get("fn_request_id")).isEqualTo("r");
    }
    assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
  }
}
