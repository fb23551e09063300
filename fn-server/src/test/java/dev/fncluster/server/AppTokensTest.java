package dev.fncluster.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.auth.NewToken;
import dev.fncluster.api.node.BuildInfo;
import dev.fncluster.api.node.NodeContext;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.testing.FreePorts;
import dev.fncluster.stats.MetricNames;
import dev.fncluster.stats.Metrics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The management API of a running API node, used with tokens that are for one app only. */
@Timeout(180)
@SuppressWarnings("NullAway.Init")
final class AppTokensTest {
  private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");
  private static final Duration BOUND = Duration.ofSeconds(60);

  @TempDir private static Path folder;
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static Metrics metrics;
  private static ApiNode node;
  private static int port;

  private static final NewToken ALL = token("all", "admin", Optional.empty());
  private static String own;
  private static String other;
  private static String ownFn;
  private static String otherFn;
  private static String ownTrigger;
  private static String otherTrigger;
  private static NewToken limited;
  private static NewToken reader;
  private static NewToken ofTwo;
  private static List<String> byBytes;

  @BeforeAll
  static void start() throws Exception {
    port = FreePorts.next();
    Path tokens = Files.writeString(folder.resolve("tokens"), ALL.line());
    node = node(tokens);
    own = made("apps", "{\"name\":\"own\"}");
    other = made("apps", "{\"name\":\"other\"}");
    ownFn = made("fns", fn(own, "f"));
    otherFn = made("fns", fn(other, "f"));
    ownTrigger = made("triggers", trigger(own, ownFn, "t"));
    otherTrigger = made("triggers", trigger(other, otherFn, "t"));
    // Java sorts them the other way round than bytes do.
    String fullWidth = made("apps", "{\"name\":\"\uff21\"}");
    String deseret = made("apps", "{\"name\":\"\ud801\udc37\"}");
    byBytes = List.of(fullWidth, deseret);
    ofTwo = token("two", "read", Optional.of(deseret + "," + fullWidth));
    limited = token("limited", "admin,lookup", Optional.of(own + ",01GONE"));
    reader = token("reader", "read", Optional.of(own));
    stop();
    Files.writeString(
        tokens, String.join("\n", ALL.line(), limited.line(), reader.line(), ofTwo.line()));
    node = node(tokens);
  }

  @AfterAll
  static void stop() {
    node.stop(BOUND);
    metrics.close();
  }

  @Test
  void aListHasTheOwnAppOnly() throws Exception {
    assertThat(ids(send("GET", "apps", "", limited))).containsExactly(own);
    assertThat(ids(send("GET", "apps?name=own", "", reader))).containsExactly(own);
    assertThat(ids(send("GET", "apps?name=other", "", reader))).isEmpty();
    assertThat(ids(send("GET", "apps?per_page=2", "", ALL))).containsExactly(other, own);
    // "own" in base64: the list goes on behind it.
    assertThat(ids(send("GET", "apps?cursor=b3du", "", limited))).isEmpty();
  }

  @Test
  void listsHaveTheOrderThatTheyHaveForAll() throws Exception {
    // "own" in base64.
    assertThat(ids(send("GET", "apps?cursor=b3du", "", ALL))).isEqualTo(byBytes);
    assertThat(ids(send("GET", "apps", "", ofTwo))).isEqualTo(byBytes);
    // The first one's name in base64.
    assertThat(ids(send("GET", "apps?cursor=77yh", "", ofTwo))).containsExactly(byBytes.getLast());
  }

  @Test
  void theOwnAppIsServed() throws Exception {
    for (String path :
        new String[] {
          "apps/" + own,
          "fns?app_id=" + own,
          "fns/" + ownFn,
          "triggers?app_id=" + own,
          "triggers/" + ownTrigger,
          "runner/apps/" + own + "/triggerBySource/http//t"
        }) {
      assertThat(send("GET", path, "", limited).statusCode()).as(path).isEqualTo(200);
    }
    assertThat(send("PUT", "apps/" + own, "{\"config\":{\"A\":\"1\"}}", limited).statusCode())
        .isEqualTo(200);
    assertThat(send("PUT", "fns/" + ownFn, "{\"memory\":64}", limited).statusCode()).isEqualTo(200);
    assertThat(send("PUT", "triggers/" + ownTrigger, "{\"name\":\"u\"}", limited).statusCode())
        .isEqualTo(200);
    String fn = id(send("POST", "fns", fn(own, "g"), limited));
    String trigger = id(send("POST", "triggers", trigger(own, fn, "g"), limited));
    assertThat(send("DELETE", "triggers/" + trigger, "", limited).statusCode()).isEqualTo(204);
    assertThat(send("DELETE", "fns/" + fn, "", limited).statusCode()).isEqualTo(204);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET apps/APP",
        "PUT apps/APP {}",
        "DELETE apps/APP",
        "GET apps/01NONE",
        "GET fns?app_id=APP",
        "POST fns {\"app_id\":\"APP\",\"name\":\"x\",\"image\":\"i\"}",
        "GET fns/FN",
        "PUT fns/FN {\"memory\":64}",
        "DELETE fns/FN",
        "GET triggers?app_id=APP",
        "POST triggers"
            + " {\"app_id\":\"APP\",\"fn_id\":\"FN\",\"name\":\"x\",\"type\":\"http\",\"source\":\"/x\"}",
        "GET triggers/TRIGGER",
        "PUT triggers/TRIGGER {\"name\":\"v\"}",
        "DELETE triggers/TRIGGER",
        "GET runner/apps/APP/triggerBySource/http//t"
      })
  void anotherAppIsNot(String request) throws Exception {
    String[] parts =
        request
            .replace("APP", other)
            .replace("FN", otherFn)
            .replace("TRIGGER", otherTrigger)
            .split(" ", 3);
    HttpResponse<String> answer =
        send(parts[0], parts[1], parts.length > 2 ? parts[2] : "", limited);

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body()).isEqualTo("{\"message\":\"Token is not for this app\"}\n");
    for (String path : List.of("apps/" + other, "fns/" + otherFn, "triggers/" + otherTrigger)) {
      assertThat(send("GET", path, "", ALL).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void noAppIsMadeWithIt() throws Exception {
    HttpResponse<String> answer = send("POST", "apps", "{\"name\":\"new\"}", limited);
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body()).contains("needs one for all apps");
  }

  @Test
  void toReadIsNotToChange() throws Exception {
    assertThat(send("PUT", "apps/" + own, "{}", reader).statusCode()).isEqualTo(403);
    assertThat(send("DELETE", "fns/" + ownFn, "", reader).statusCode()).isEqualTo(403);
    assertThat(send("GET", "fns/" + ownFn, "", reader).statusCode()).isEqualTo(200);
  }

  private static ApiNode node(Path tokens) throws Exception {
    metrics = Metrics.create(MetricNames.PROMETHEUS, "1");
    ApiNode made =
        ApiNode.create(
            new NodeContext(
                Settings.of(
                    Map.of(
                        "FN_PORT",
                        Integer.toString(port),
                        "FN_DB_URL",
                        "sqlite3://" + folder.resolve("fn.db"),
                        "FN_AUTH_TOKENS_PATH",
                        tokens.toString())),
                new BuildInfo("1"),
                metrics));
    made.start();
    return made;
  }

  private static String fn(String app, String name) {
    return "{\"app_id\":\"" + app + "\",\"name\":\"" + name + "\",\"image\":\"i\"}";
  }

  private static String trigger(String app, String fn, String name) {
    return "{\"app_id\":\""
        + app
        + "\",\"fn_id\":\""
        + fn
        + "\",\"name\":\""
        + name
        + "\",\"type\":\"http\",\"source\":\"/"
        + name
        + "\"}";
  }

  private static String made(String kind, String body) throws Exception {
    return id(send("POST", kind, body, ALL));
  }

  private static String id(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return ids(answer).iterator().next();
  }

  private static Iterable<String> ids(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    Matcher matcher = ID.matcher(answer.body());
    return matcher.results().map(found -> found.group(1)).toList();
  }

  private static HttpResponse<String> send(String method, String path, String body, NewToken token)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v2/" + path))
            .timeout(BOUND)
            .header("Authorization", "Bearer " + token.token())
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static NewToken token(String id, String scopes, Optional<String> apps) {
    return NewToken.make(id, scopes, apps, Optional.empty());
  }
}
