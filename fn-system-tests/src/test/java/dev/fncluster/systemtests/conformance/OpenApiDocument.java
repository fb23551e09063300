package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * An OpenAPI document as tests need it: its operations with all references resolved, and a
 * judgement of what is sent and answered.
 */
final class OpenApiDocument {
  private static final Set<String> METHODS =
      Set.of("get", "post", "put", "patch", "delete", "head", "options", "trace");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDialect(
          Dialects.getDraft202012(),
          builder ->
              builder.schemaRegistryConfig(
                  SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

  /** One method of one path; {@code parameters} are those of the path and its own. */
  record Operation(String method, String path, JsonNode node, List<JsonNode> parameters) {
    String id() {
      return node.path("operationId").asText();
    }

    JsonNode requestBody() {
      return node.path("requestBody").path("content").path("application/json");
    }

    /** The statuses that are written out, ranges included. */
    List<String> statuses() {
      List<String> all = new ArrayList<>();
      node.path("responses").fieldNames().forEachRemaining(all::add);
      return all;
    }

    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  private final JsonNode root;

  private OpenApiDocument(JsonNode root) {
    this.root = root;
  }

  static OpenApiDocument parse(String yaml) {
    Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
    return new OpenApiDocument(JSON.valueToTree(tree));
  }

  List<Operation> operations() {
    List<Operation> all = new ArrayList<>();
    root.path("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(member -> {
                  if (METHODS.contains(member.getKey())) {
                    all.add(
                        operation(
                            member.getKey(), path.getKey(), path.getValue(), member.getValue()));
                  }
                }));
    return all;
  }

  private Operation operation(String method, String path, JsonNode ofPath, JsonNode own) {
    List<JsonNode> parameters = new ArrayList<>();
    resolve(ofPath.path("parameters")).forEach(parameters::add);
    resolve(own.path("parameters")).forEach(parameters::add);
    return new Operation(
        method.toUpperCase(Locale.ROOT), path, resolve(own), List.copyOf(parameters));
  }

  /** The node without references; what stands beside a reference wins over what it refers to. */
  private JsonNode resolve(JsonNode node) {
    if (node instanceof ArrayNode array) {
      ArrayNode resolved = JSON.createArrayNode();
      array.forEach(each -> resolved.add(resolve(each)));
      return resolved;
    }
    if (!(node instanceof ObjectNode object)) {
      return node;
    }
    ObjectNode resolved = JSON.createObjectNode();
    String reference = object.path("$ref").asText();
    if (!reference.isEmpty()) {
      JsonNode target = root.at(reference.substring(1));
      assertThat(target.isMissingNode()).as("%s leads nowhere", reference).isFalse();
      resolved.setAll((ObjectNode) resolve(target));
    }
    object
        .properties()
        .forEach(member -> {
          if (!member.getKey().equals("$ref")) {
            resolved.set(member.getKey(), resolve(member.getValue()));
          }
        });
    return resolved;
  }

  /** Whether {@code value} is what {@code schema} describes. */
  static boolean isValid(JsonNode schema, JsonNode value) {
    return errors(schema, value).isEmpty();
  }

  private static List<Error> errors(JsonNode schema, JsonNode value) {
    return SCHEMAS.getSchema(schema).validate(value);
  }

  /** Fails unless the document has this answer: its status, type, headers and body. */
  static void assertDocumented(Operation operation, WireClient.Answer answer) {
    String what = operation + ": " + answer.status() + " " + answer.body();
    JsonNode response =
        response(operation, answer.status())
            .orElseThrow(() -> new AssertionError("not in the document: " + what));
    response
        .path("headers")
        .properties()
        .forEach(header ->
            answer
                .head()
                .all(header.getKey())
                .forEach(value ->
                    assertThat(errors(header.getValue().path("schema"), scalar(value)))
                        .as("%s: %s of %s", header.getKey(), value, what)
                        .isEmpty()));
    JsonNode content = response.path("content");
    if (content.isMissingNode()) {
      assertThat(answer.body()).as(what).isEmpty();
    } else if (!content.has("*/*")) {
      String type = answer.head().first("Content-Type").replaceFirst(";.*", "");
      assertThat(content.has(type)).as("type %s of %s", type, what).isTrue();
      if (!operation.method().equals("HEAD")) {
        JsonNode body =
            type.equals("application/json") ? answer.json() : new TextNode(answer.body());
        assertThat(errors(closed(content.path(type).path("schema")), body)).as(what).isEmpty();
      }
    }
  }

  private static JsonNode scalar(String text) {
    return text.matches("\\d{1,9}")
        ? JSON.getNodeFactory().numberNode(Integer.parseInt(text))
        : new TextNode(text);
  }

  private static Optional<JsonNode> response(Operation operation, int status) {
    JsonNode responses = operation.node().path("responses");
    for (String key : List.of(Integer.toString(status), status / 100 + "XX", "default")) {
      if (responses.has(key)) {
        return Optional.of(responses.get(key));
      }
    }
    return Optional.empty();
  }

  // Clients must bear members that are new to them; a test must not, or they would stay unwritten.
  private static JsonNode closed(JsonNode schema) {
    JsonNode copy = schema.deepCopy();
    close(copy);
    return copy;
  }

  private static void close(JsonNode schema) {
    schema.forEach(OpenApiDocument::close);
    if (schema instanceof ObjectNode object
        && object.path("type").asText().equals("object")
        && object.has("properties")
        && !object.has("additionalProperties")) {
      object.put("additionalProperties", false);
    }
  }
}
