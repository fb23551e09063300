package dev.fncluster.api.management;

import java.util.HashMap;
import java.util.Map;

/** Rules for the configuration of apps and fns. */
final class Configs {
  private Configs() {}

  /** Puts {@code patch} over {@code stored}; an empty value takes a key away. */
  static Map<String, String> merge(Map<String, String> stored, Map<String, String> patch) {
    if (patch.isEmpty()) {
      return stored;
    }
    Map<String, String> merged = new HashMap<>(stored);
    patch.forEach((key, value) -> {
      if (value.isEmpty()) {
        merged.remove(key);
      } else {
        merged.put(key, value);
      }
    });
    return merged;
  }
}
