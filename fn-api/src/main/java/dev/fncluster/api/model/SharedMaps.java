package dev.fncluster.api.model;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import java.util.Map;

/**
 * The configuration and annotations of all calls of a fn, with their JSON, which is written once
 * instead of for each call. Immutable.
 */
public final class SharedMaps {
  private final Map<String, String> config;
  private final Map<String, String> annotations;
  private final SerializableString configJson;
  private final SerializableString annotationsJson;

  /** Copies both; the values of {@code annotations} are compact JSON. */
  public SharedMaps(Map<String, String> config, Map<String, String> annotations) {
    this.config = Map.copyOf(config);
    this.annotations = Map.copyOf(annotations);
    configJson = new SerializedString(CallJson.configJson(config));
    annotationsJson = new SerializedString(CallJson.annotationsJson(annotations));
  }

  /** Unmodifiable. */
  public Map<String, String> config() {
    return config;
  }

  /** Unmodifiable. */
  public Map<String, String> annotations() {
    return annotations;
  }

  SerializableString configJson() {
    return configJson;
  }

  SerializableString annotationsJson() {
    return annotationsJson;
  }
}
