package dev.fncluster.systemtests.conformance;

import dev.fncluster.api.extension.CallOverrider;
import dev.fncluster.api.model.Call;
import java.util.HashMap;
import java.util.Map;

/** Puts into calls what can't be there, as a header says. */
record GarbageOverrider(String node) implements CallOverrider {
  @Override
  @SuppressWarnings("NullAway") // What a plugin compiled without checks may do.
  public Map<String, String> override(Call call, Map<String, String> extensions) {
    Map<String, String> withNull = new HashMap<>();
    withNull.put("x", null);
    switch (String.valueOf(call.headers().first("X-Put-" + node))) {
      case "image" -> call.image(null);
      case "headers" -> call.headers(null);
      case "config" -> call.config(null);
      case "config value" -> call.config(withNull);
      case "annotation" -> call.annotations(withNull);
      case "extension" -> {
        return withNull;
      }
      default -> {
        return extensions;
      }
    }
    return extensions;
  }

  @Override
  public boolean mayBlock() {
    return false;
  }
}
