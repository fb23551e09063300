package dev.fncluster.api.invoke;

import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.SharedFields;
import dev.fncluster.api.model.SlotHash;
import java.util.HashMap;
import java.util.Map;

/**
 * All of a call that follows from its app and fn alone, with the key of the containers that may
 * serve it. Immutable.
 */
final class CallTemplate {
  private static final String EMPTY_JSON_TEXT = "\"\"";

  private final App app;
  private final Fn fn;
  private final SharedFields shared;
  private final String slotHashId;

  CallTemplate(App app, Fn fn) {
    this.app = app;
    this.fn = fn;
    String syslogUrl = app.syslogUrl();
    Call shape =
        new Call()
            .image(fn.image())
            .timeout(fn.timeout())
            .idleTimeout(fn.idleTimeout())
            .memory(fn.memory())
            .config(config(app, fn))
            .annotations(annotations(app, fn))
            .syslogUrl(syslogUrl == null ? "" : syslogUrl)
            .appId(app.id())
            .appName(app.name())
            .fnId(fn.id());
    shared = SharedFields.of(shape);
    slotHashId = SlotHash.hex(shape, shape.configWith(SlotHash.CONTAINER_CONFIG), "");
  }

  /** Whether this was made from these very objects: whoever changes one makes another of it. */
  @SuppressWarnings("ReferenceEquality")
  boolean isOf(App otherApp, Fn otherFn) {
    return app == otherApp && fn == otherFn;
  }

  String slotHashId() {
    return slotHashId;
  }

  /** A new call with everything that this template knows. */
  Call newCall() {
    return shared.newCall();
  }

  private static Map<String, String> config(App app, Fn fn) {
    Map<String, String> merged = new HashMap<>(app.config());
    merged.putAll(fn.config());
    merged.put("FN_MEMORY", Long.toUnsignedString(fn.memory()));
    merged.put("FN_TYPE", "sync");
    merged.put("FN_FN_ID", fn.id());
    merged.put("FN_APP_ID", app.id());
    return merged;
  }

  private static Map<String, String> annotations(App app, Fn fn) {
    Map<String, String> merged = new HashMap<>(app.annotations());
    fn.annotations()
        .forEach((key, value) -> {
          if (value.isEmpty() || value.equals(EMPTY_JSON_TEXT)) {
            merged.remove(key);
          } else {
            merged.put(key, value);
          }
        });
    return merged;
  }
}
