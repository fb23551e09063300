package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The requests of the {@code fn} command line, in its order and with its headers and bodies,
 * against an API node whose endpoints are those of a load balancer, and what the program reads of
 * the answers. The program itself is not needed.
 */
@Timeout(180)
@ExtendWith(LocalClusterExtension.class)
final class CliRequestsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ZERO = "0001-01-01T00:00:00.000Z";
  private static final Pattern PLACE = Pattern.compile("\\{(\\w+)((?:/[\\w.~-]+)*)}");

  private static WireClient api;

  @BeforeAll
  static void start(LocalCluster cluster) throws Exception {
    api =
        cluster.startApi(Map.of("FN_PUBLIC_LB_URL", "http://127.0.0.1:" + cluster.front().port()));
  }

  @ParameterizedTest
  @EnumSource
  void commandsGetWhatTheyRead(CliStory story, LocalCluster cluster) throws IOException {
    String name = "cli-" + UUID.randomUUID();
    String image = "cli/" + name + ":0.0.1";
    String failing = "cli/failing-" + name + ":0.0.1";
    cluster.driver().script(image, seen -> ScriptedFunction.reply(200, seen.body()));
    cluster.driver().script(failing, seen -> ScriptedFunction.reply(502, "no"));
    ObjectNode kept = JSON.createObjectNode();
    kept.put("A", name);
    kept.put("IMAGE", image);
    kept.put("FAILING", failing);

    String command = "";
    for (CliStory.Row row : story.rows()) {
      command = row.command().isEmpty() ? command : row.command();
      String what = "fn " + command + ": " + row.method() + " " + row.target();
      WireClient.Answer answer = send(cluster, row, kept);
      assertThat(answer.status()).as("%s: %s", what, answer.body()).isEqualTo(row.status());
      if (row.status() == 204) {
        assertThat(answer.body()).as(what).isEmpty();
      }
      for (String read : row.reads()) {
        assertRead(what, answer, fill(read, kept));
      }
      if (!row.keeps().isEmpty()) {
        String[] parts = row.keeps().split("=", -1);
        kept.set(parts[0], answer.json().at(parts[1]));
      }
    }
  }

  private static WireClient.Answer send(LocalCluster cluster, CliStory.Row row, ObjectNode kept)
      throws IOException {
    String target = fill(row.target(), kept);
    return switch (row.method()) {
      case "LIST" -> list(target);
      case "INVOKE" -> invoke(cluster, target, row.body());
      default -> request(row.method(), target, body(row.body(), kept));
    };
  }

  private static WireClient.Answer request(String method, String target, String body)
      throws IOException {
    return body.isEmpty()
        ? api.send(
            method,
            target,
            "",
            "Accept: application/json",
            "Accept-Encoding: gzip",
            "User-Agent: Go-http-client/1.1")
        : api.send(
            method,
            target,
            body,
            "Accept: application/json",
            "Accept-Encoding: gzip",
            "Content-Type: application/json",
            "User-Agent: Go-http-client/1.1");
  }

  // All pages as one; the program asks for no size of them.
  private static WireClient.Answer list(String target) throws IOException {
    WireClient.Answer page = request("GET", target, "");
    ObjectNode all = (ObjectNode) page.json();
    ArrayNode items = (ArrayNode) all.get("items");
    while (page.json().has("next_cursor")) {
      String cursor = page.json().get("next_cursor").asText();
      page = request("GET", target + (target.contains("?") ? "&" : "?") + "cursor=" + cursor, "");
      page.json().get("items").forEach(items::add);
    }
    return new WireClient.Answer(page.status(), page.head(), all.toString());
  }

  private static WireClient.Answer invoke(LocalCluster cluster, String endpoint, String body)
      throws IOException {
    URI uri = URI.create(endpoint);
    assertThat(uri.getPort()).as("endpoint %s", endpoint).isEqualTo(cluster.front().port());
    WireClient.Answer answer =
        cluster
            .front()
            .send(
                "POST",
                uri.getRawPath(),
                body,
                "Accept-Encoding: gzip",
                "Content-Type: text/plain",
                "User-Agent: Go-http-client/1.1");
    assertThat(answer.head().first("Fn-Call-Id")).as("--display-call-id").hasSize(26);
    return answer;
  }

  private static String body(String template, ObjectNode kept) throws JsonProcessingException {
    if (!template.startsWith("@")) {
      return fill(template.replace('\'', '"').replace("ZERO", ZERO), kept);
    }
    int end = template.indexOf(' ');
    ObjectNode whole = kept.withObject("/" + template.substring(1, end)).deepCopy();
    String changes = fill(template.substring(end + 1).replace('\'', '"'), kept);
    return whole.setAll((ObjectNode) JSON.readTree(changes)).toString();
  }

  private static String fill(String template, ObjectNode kept) {
    return PLACE
        .matcher(template)
        .replaceAll(place -> {
          JsonNode value = kept.path(place.group(1)).at(place.group(2));
          assertThat(value.isMissingNode()).as(place.group()).isFalse();
          return Matcher.quoteReplacement(value.asText());
        });
  }

  private static void assertRead(String what, WireClient.Answer answer, String read) {
    String as = what + " reads " + read + " of " + answer.body();
    int equals = read.indexOf('=');
    if (equals == 0) {
      assertThat(answer.body()).as(as).isEqualTo(read.substring(1));
    } else if (read.startsWith("names=")) {
      assertThat(answer.json().get("items").findValuesAsText("name"))
          .as(as)
          .contains(read.substring(equals + 1));
    } else if (read.endsWith("!")) {
      JsonNode none = answer.json().at(read.substring(0, read.length() - 1));
      assertThat(none.isMissingNode()).as(as).isTrue();
    } else {
      JsonNode value = answer.json().at(equals < 0 ? read : read.substring(0, equals));
      assertThat(value.isMissingNode()).as(as).isFalse();
      if (equals > 0) {
        assertThat(value.asText()).as(as).isEqualTo(read.substring(equals + 1));
      }
    }
  }
}
