package dev.fncluster.systemtests.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes bodies from the schema of a request: good ones, and ones in which one member has one of
 * many values, good and bad.
 */
final class OpenApiBodies {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final List<String> TEXTS =
      List.of(
          "",
          "5",
          "a b",
          "&&%@!#$#@$",
          "junk",
          "no/slash",
          "2020-01-01T00:00:00Z",
          "é",
          "/é?#",
          "~");
  private static final List<Integer> LENGTHS = List.of(255, 256, 257);

  private final JsonNode schema;
  private final Function<String, @Nullable JsonNode> known;

  /**
   * Bodies of one request.
   *
   * @param known the value of a member for which not any value will do, else null; asked anew for
   *     every body
   */
  OpenApiBodies(JsonNode schema, Function<String, @Nullable JsonNode> known) {
    this.schema = schema;
    this.known = known;
  }

  /** With the members that must be there and no other. */
  ObjectNode minimal() {
    ObjectNode body = JSON.createObjectNode();
    schema.path("required").forEach(name -> body.set(name.asText(), good(name.asText())));
    return body;
  }

  /** With all members. */
  ObjectNode maximal() {
    ObjectNode body = JSON.createObjectNode();
    names().forEach(name -> body.set(name, good(name)));
    return body;
  }

  /** An example, with what only the server knows put in its place. */
  ObjectNode filled(JsonNode example) {
    ObjectNode body = example.deepCopy();
    List.of("name", "app_id", "fn_id", "source")
        .forEach(name -> {
          JsonNode value = known.apply(name);
          if (value != null && body.has(name)) {
            body.set(name, value);
          }
        });
    return body;
  }

  /** The maximal body without a member that must be there, for each of these. */
  List<ObjectNode> incomplete() {
    List<ObjectNode> bodies = new ArrayList<>();
    schema.path("required").forEach(name -> bodies.add(maximal().without(List.of(name.asText()))));
    return bodies;
  }

  /** The maximal body with one member changed, for each member and many values. */
  List<ObjectNode> varied() {
    List<ObjectNode> bodies = new ArrayList<>();
    for (String name : names()) {
      for (JsonNode value : values(property(name))) {
        bodies.add(maximal().set(name, value));
      }
    }
    return bodies;
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    schema.path("properties").fieldNames().forEachRemaining(names::add);
    return names;
  }

  private JsonNode property(String name) {
    return schema.path("properties").path(name);
  }

  private JsonNode good(String name) {
    JsonNode value = known.apply(name);
    return value == null ? good(property(name)) : value;
  }

  private static JsonNode good(JsonNode schema) {
    if (schema.has("const")) {
      return schema.get("const");
    }
    if (schema.has("enum")) {
      return schema.path("enum").get(schema.path("enum").size() - 1);
    }
    if (schema.has("examples")) {
      return schema.path("examples").get(0);
    }
    return switch (schema.path("type").asText()) {
      case "integer" -> NODES.numberNode(schema.path("maximum").asLong());
      case "object" -> JSON.createObjectNode().put("KEY", "value").put("key-2", "2");
      case "string" -> NODES.textNode(schema.path("maxLength").asInt(1) == 0 ? "" : "x");
      default -> throw new AssertionError("no value is known for " + schema);
    };
  }

  private static List<JsonNode> values(JsonNode schema) {
    List<JsonNode> values = new ArrayList<>();
    TEXTS.forEach(text -> values.add(NODES.textNode(text)));
    LENGTHS.forEach(length -> values.add(NODES.textNode("x".repeat(length))));
    LENGTHS.forEach(length -> values.add(NODES.textNode("/" + "x".repeat(length - 1))));
    values.add(NODES.booleanNode(true));
    values.add(NODES.numberNode(5));
    values.add(NODES.numberNode(1.5));
    values.add(NODES.numberNode(Long.MAX_VALUE));
    for (String limit : List.of("minimum", "maximum")) {
      if (schema.has(limit)) {
        long number = schema.get(limit).asLong();
        values.add(NODES.numberNode(number - 1));
        values.add(NODES.numberNode(number));
        values.add(NODES.numberNode(number + 1));
      }
    }
    values.add(JSON.createArrayNode());
    values.addAll(maps());
    return values;
  }

  private static List<JsonNode> maps() {
    List<JsonNode> maps = new ArrayList<>();
    maps.add(JSON.createObjectNode());
    maps.add(JSON.createObjectNode().put("K", 1));
    maps.add(JSON.createObjectNode().put("K", ""));
    maps.add(JSON.createObjectNode().putNull("K"));
    maps.add(JSON.createObjectNode().set("K", JSON.createArrayNode().add(1)));
    maps.add(JSON.createObjectNode().put("", "x"));
    maps.add(JSON.createObjectNode().put("a b", "x"));
    maps.add(JSON.createObjectNode().put("é", "x"));
    maps.add(JSON.createObjectNode().put("k".repeat(128), "x"));
    maps.add(JSON.createObjectNode().put("k".repeat(129), "x"));
    maps.add(JSON.createObjectNode().put("K", "x".repeat(600)));
    for (int size : new int[] {100, 101}) {
      ObjectNode map = JSON.createObjectNode();
      for (int i = 0; i < size; i++) {
        map.put("k" + i, "x");
      }
      maps.add(map);
    }
    return maps;
  }
}
