package dev.fncluster.api.management;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Rules for annotations: maps of a key to a compact JSON text. */
final class Annotations {
  static final int MAX_KEYS = 100;
  static final int MAX_KEY_BYTES = 128;
  static final int MAX_VALUE_BYTES = 512;

  private static final Pattern KEY = Pattern.compile("[!-~]+");
  private static final String EMPTY_TEXT = "\"\"";
  private static final String NULL = "null";

  private Annotations() {}

  /** Checks keys and values, in the order of the keys, then their number. */
  static void validate(Map<String, String> annotations) {
    for (Map.Entry<String, String> each : new TreeMap<>(annotations).entrySet()) {
      if (!KEY.matcher(each.getKey()).matches()) {
        throw ManagementErrors.annotationKey();
      }
      if (each.getKey().length() > MAX_KEY_BYTES) {
        throw ManagementErrors.annotationKeyLength();
      }
      if (isNothing(each.getValue())) {
        throw ManagementErrors.annotationValue();
      }
      if (each.getValue().getBytes(StandardCharsets.UTF_8).length > MAX_VALUE_BYTES) {
        throw ManagementErrors.annotationValueLength();
      }
    }
    if (annotations.size() > MAX_KEYS) {
      throw ManagementErrors.tooManyAnnotations();
    }
  }

  /** Puts {@code patch} over {@code stored}; an empty text or null takes a key away. */
  static Map<String, String> merge(Map<String, String> stored, Map<String, String> patch) {
    if (patch.isEmpty()) {
      return stored;
    }
    Map<String, String> merged = new TreeMap<>(stored);
    patch.forEach((key, value) -> {
      if (isNothing(value)) {
        merged.remove(key);
      } else {
        merged.put(key, value);
      }
    });
    return merged;
  }

  private static boolean isNothing(String value) {
    return value.equals(EMPTY_TEXT) || value.equals(NULL);
  }
}
