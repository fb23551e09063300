package dev.fncluster.api.call;

import dev.fncluster.api.model.Call;
import org.slf4j.MDC;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * While it is open, every line that this thread logs has the ids of a call, and that of its request
 * if there is one, those of libraries too. For threads that work for one call only, which close it;
 * on event loops, {@link #on} puts the ids on each line instead.
 */
public final class LogIds implements AutoCloseable {
  private static final String CALL = "call_id";
  private static final String FN = "fn_id";
  private static final String APP = "app_id";
  private static final String REQUEST = "fn_request_id";

  private LogIds() {}

  /** Opens one with the ids of {@code call}. */
  public static LogIds of(Call call) {
    MDC.put(CALL, call.id());
    MDC.put(FN, call.fnId());
    MDC.put(APP, call.appId());
    if (!call.requestId().isEmpty()) {
      MDC.put(REQUEST, call.requestId());
    }
    return new LogIds();
  }

  /** Puts the ids of {@code call} on one line. */
  public static LoggingEventBuilder on(LoggingEventBuilder line, Call call) {
    LoggingEventBuilder known =
        line.addKeyValue(CALL, call.id())
            .addKeyValue(FN, call.fnId())
            .addKeyValue(APP, call.appId());
    return call.requestId().isEmpty() ? known : known.addKeyValue(REQUEST, call.requestId());
  }

  @Override
  public void close() {
    MDC.remove(CALL);
    MDC.remove(FN);
    MDC.remove(APP);
    MDC.remove(REQUEST);
  }
}
