package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;

/**
 * The management API of a node, in few words. In bodies, {@code '} stands for the double quote.
 * What is not answered as it is expected to be fails the test.
 */
final class Resources {
  private static final String JSON = "application/json; charset=utf-8";

  private final WireClient node;

  Resources(WireClient node) {
    this.node = node;
  }

  /** The host and port that the node is asked under. */
  String host() {
    return "localhost:" + node.port();
  }

  /** Sends a request; any answer will do. */
  WireClient.Answer send(String method, String target, String body, String... headers) {
    try {
      return node.send(method, target, quoted(body), headers);
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + target + " has no answer", e);
    }
  }

  /** What a request that must go well is answered. */
  WireClient.Answer done(String method, String target, String body, String... headers) {
    WireClient.Answer answer = send(method, target, body, headers);
    assertThat(answer.status())
        .as("%s %s %s: %s", method, target, body, answer.body())
        .isEqualTo(200);
    assertThat(answer.head().first("Content-Type")).isEqualTo(JSON);
    return answer;
  }

  /** Makes one of {@code kind}, such as {@code apps}; the whole of it. */
  WireClient.Answer post(String kind, String body) {
    return done("POST", "/v2/" + kind, body);
  }

  /** Makes one of {@code kind}; its id. */
  String create(String kind, String body) {
    return post(kind, body).json().get("id").asText();
  }

  ObjectNode get(String target) {
    return (ObjectNode) done("GET", target, "").json();
  }

  JsonNode put(String target, String body) {
    return done("PUT", target, body).json();
  }

  /** The names of all on the page that {@code target} is. */
  List<String> names(String target) {
    return get(target).get("items").findValuesAsText("name");
  }

  /** Where the page after the one that {@code target} is begins; empty if that is the last. */
  String next(String target) {
    return get(target).path("next_cursor").asText();
  }

  /** A request must be refused: with this status, and in the form of all errors. */
  void refused(String method, String target, String body, int status, String message) {
    WireClient.Answer answer = send(method, target, body);
    assertThat(answer.status())
        .as("%s %s %s: %s", method, target, body, answer.body())
        .isEqualTo(status);
    assertThat(answer.head().first("Content-Type")).isEqualTo(JSON);
    assertThat(answer.message()).contains(message);
    assertThat(answer.json()).as("nothing but a message").hasSize(1);
    assertThat(answer.body()).as("one document").endsWith("}\n");
  }

  /** Removes one; it can be removed once, and is not found from then on. */
  void delete(String target, String message) {
    WireClient.Answer answer = send("DELETE", target, "");
    assertThat(answer.status()).as("DELETE %s: %s", target, answer.body()).isEqualTo(204);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.head().first("Content-Type")).isEqualTo("text/plain; charset=utf-8");
    refused("DELETE", target, "", 404, message);
    refused("GET", target, "", 404, message);
  }

  /** The date of something that was just made. */
  static String madeJustNow(JsonNode made) {
    String created = made.get("created_at").asText();
    assertThat(made.get("updated_at").asText()).isEqualTo(created);
    assertThat(created).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    assertThat(Instant.parse(created))
        .isBetween(Instant.now().minus(1, ChronoUnit.HOURS), Instant.now());
    return created;
  }

  /** The cursor behind all of that name. */
  static String cursor(String name) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(name.getBytes(StandardCharsets.UTF_8));
  }

  static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(quoted(text));
    } catch (JsonProcessingException malformed) {
      throw new AssertionError("not JSON: " + text, malformed);
    }
  }

  /** Removes all apps, and all that belongs to them. */
  void clear() {
    for (JsonNode apps = apps(); !apps.isEmpty(); apps = apps()) {
      for (JsonNode app : apps) {
        String target = "/v2/apps/" + app.get("id").asText();
        assertThat(send("DELETE", target, "").status()).isEqualTo(204);
      }
    }
  }

  private JsonNode apps() {
    return get("/v2/apps?per_page=100").get("items");
  }

  /** The text with the double quotes that {@code '} stands for. */
  static String quoted(String text) {
    return text.replace('\'', '"');
  }
}
