package dev.fncluster.api.plugin;

import dev.fncluster.api.model.Call;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * What an extension is busy with, for the log; empty where that has no such id.
 *
 * @param callId of the call
 * @param fnId of its function
 * @param appId of its app
 */
public record Subject(String callId, String fnId, String appId) {
  /** Nothing in particular. */
  public static final Subject NONE = new Subject("", "", "");

  /** A call. */
  public static Subject of(Call call) {
    return new Subject(call.id(), call.fnId(), call.appId());
  }

  LoggingEventBuilder addTo(LoggingEventBuilder event) {
    LoggingEventBuilder all = event;
    if (!callId.isEmpty()) {
      all = all.addKeyValue("call_id", callId);
    }
    if (!fnId.isEmpty()) {
      all = all.addKeyValue("fn_id", fnId);
    }
    return appId.isEmpty() ? all : all.addKeyValue("app_id", appId);
  }
}
