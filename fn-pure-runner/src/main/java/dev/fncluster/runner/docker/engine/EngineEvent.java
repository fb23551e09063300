package dev.fncluster.runner.docker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;

/**
 * Something that an engine tells of.
 *
 * @param type of what it happened to, such as {@code container}; empty if the engine does not say
 * @param action what happened, such as {@code die}; empty if the engine does not say
 * @param id the engine's own, or a name; empty if the engine does not say
 * @param attributes what else the engine says
 * @param timeNanos since 1970 by the engine's clock; 0 if it does not say
 */
public record EngineEvent(
    String type, String action, String id, Map<String, String> attributes, long timeNanos) {
  /** With a copy of {@code attributes}. */
  public EngineEvent {
    attributes = Map.copyOf(attributes);
  }

  static EngineEvent read(JsonNode json) {
    JsonNode actor = json.path("Actor");
    Map<String, String> attributes = new HashMap<>();
    actor
        .path("Attributes")
        .properties()
        .forEach(each -> attributes.put(each.getKey(), each.getValue().asText()));
    return new EngineEvent(
        json.path("Type").asText(),
        json.path("Action").asText(),
        actor.path("ID").asText(),
        attributes,
        json.path("timeNano").asLong());
  }
}
