package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Apps over HTTP, by an API node with a store that is empty before each test. */
@Timeout(120)
@ExtendWith(ApiNodeExtension.class)
final class AppsConformanceTest {
  private static final String ZERO = "0001-01-01T00:00:00.000Z";
  private static final String TOO_LONG = "7".repeat(257);

  @Test
  void createsAnAppInTheOrderOfItsMembers(Resources api) {
    WireClient.Answer answer =
        api.done(
            "POST",
            "/v2/apps",
            """
            {"NAME":"a2","bogus":[1,{"x":2}],"config":{"b":"<1>","a":""},"id":"","shape":"GENERIC_ARM",
             "annotations":{"n": 1.50, "k":{ "b":1, "a":[1,2]}},"syslog_url":" tcp://h:1 ",
             "created_at":"%s","updated_at":"2020-01-01T00:00:00Z"} trailing garbage\
            """
                .formatted(ZERO));

    String id = answer.json().get("id").asText();
    String now = Resources.madeJustNow(answer.json());
    assertThat(answer.body())
        .isEqualTo(
            "{\"id\":\""
                + id
                + "\",\"name\":\"a2\",\"config\":{\"a\":\"\",\"b\":\"\\u003c1\\u003e\"},"
                + "\"annotations\":{\"k\":{\"b\":1,\"a\":[1,2]},\"n\":1.50},"
                + "\"syslog_url\":\" tcp://h:1 \",\"shape\":\"GENERIC_ARM\",\"created_at\":\""
                + now
                + "\",\"updated_at\":\""
                + now
                + "\"}");
    assertThat(api.done("GET", "/v2/apps/" + id, "").body()).isEqualTo(answer.body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "5",
        "\"app\"",
        "{",
        "{\"name\":5}",
        "{\"name\":\"x\",\"config\":{\"A\":1}}",
        "{\"name\":\"x\",\"config\":[]}",
        "{\"name\":\"x\",\"annotations\":5}",
        "{\"name\":\"x\",\"updated_at\":\"junk\"}",
        "{\"name\":\"x\",\"updated_at\":5}",
        "{\"name\":\"x\",}",
        "{\"name\":\"x\",\"name\":\"x\"}",
        "{\"name\":\"x\",\"NAME\":\"y\"}",
        "{\"name\":\"x\",\"config\":{\"A\":\"1\",\"A\":\"2\"}}",
        "{\"name\":\"x\",\"annotations\":{\"k\":{\"a\":1,\"a\":2}}}",
        "{\"name\":\"x\",\"bogus\":[{\"a\":1,\"a\":2}]}"
      })
  void refusesWhatIsNoJsonOfTheRightTypes(String body, Resources api) {
    api.refused("POST", "/v2/apps", body, 400, "Invalid JSON");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'name':'a\\u0000'}",
        "{'name':'a','config':{'k':'\\u0000'}}",
        "{'name':'a','config':{'\\u0000':'v'}}",
        "{'name':'a','annotations':{'k':['\\u0000']}}",
        "{'name':'a','annotations':{'k':{'\\u0000':1}}}",
        "{'name':'a','config':{'k':'\\ud800'}}",
        "{'name':'a','config':{'k':'\\ud800x'}}",
        "{'name':'a','config':{'k':'\\udc00\\ud800'}}",
        "{'name':'a','syslog_url':'tcp://h:1\\u0000'}"
      })
  void refusesTextsThatCanNotBeKept(String body, Resources api) {
    api.refused("POST", "/v2/apps", body, 400, "Invalid text,");
  }

  @Test
  void keepsCharactersBeyondTheFirstPlane(Resources api) {
    JsonNode app = api.post("apps", "{'name':'a','config':{'k':'\\ud83d\\ude00\\u0001'}}").json();

    assertThat(app.get("config").get("k").asText()).isEqualTo("\ud83d\ude00\u0001");
  }

  @Test
  void refusesWhatIsNestedTooDeeply(Resources api) {
    String deep = "[".repeat(5000) + "]".repeat(5000);

    api.refused("POST", "/v2/apps", deep, 400, "Invalid JSON");
    api.refused("POST", "/v2/apps", "{\"name\":\"a\",\"x\":" + deep + "}", 400, "Invalid JSON");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "null|Missing Name",
        "{}|Missing Name",
        "{'name':null}|Missing Name",
        "{'name':'app','id':'badId'}|App ID cannot be supplied on create",
        "{'name':''}|Missing Name",
        "{'id':'badId'}|App ID cannot be supplied on create",
        "{'name':'&&%@!#$#@$'}|Invalid app name",
        "{'name':'a.b'}|Invalid app name",
        "{'name':'app','annotations':{'':'val'}}|Invalid annotation key, annotation keys must be"
            + " non-empty ascii strings excluding whitespace",
        "{'name':'app','annotations':{'a b':'val'},'syslog_url':'yo'}|Invalid annotation key,"
            + " annotation keys must be non-empty ascii strings excluding whitespace",
        "{'name':'app','annotations':{'key':''}}|Invalid annotation value, annotation values may"
            + " only be non-empty strings, numbers, objects, or arrays",
        "{'name':'app','annotations':{'key':null}}|Invalid annotation value, annotation values may"
            + " only be non-empty strings, numbers, objects, or arrays",
        "{'name':'app','syslog_url':'yo','shape':'FOO'}|invalid syslog url: \"yo\" invalid scheme,"
            + " only [tcp, udp, unix, unixgram, tcp+tls] are supported",
        "{'name':'app','syslog_url':'yo://sup.com:1'}|invalid syslog url: \"yo://sup.com:1\" invalid"
            + " scheme, only [tcp, udp, unix, unixgram, tcp+tls] are supported",
        "{'name':'app','shape':'FOO'}|Invalid app shape",
      })
  void refusesABadNewApp(String body, String message, Resources api) {
    api.refused("POST", "/v2/apps", body, 400, message);
  }

  @Test
  void takesWhatAnAppMayHave(Resources api) {
    for (String more :
        List.of(
            "'annotations':{'k1':'v1','k2':[]}",
            "'syslog_url':'tcp://example.com:443'",
            "'syslog_url':'tcp+tls://example.com'",
            "'syslog_url':'unixgram:///log'",
            "'config':{'A':'1','B':''}",
            "'shape':'GENERIC_X86_ARM'")) {
      String id = api.create("apps", "{'name':'teste'," + more + "} ");
      assertThat(api.get("/v2/apps/" + id).toString()).contains(more.replace('\'', '"'));
      api.delete("/v2/apps/" + id, "App not found");
    }
  }

  @Test
  void anAppsNameIsTakenOnce(Resources api) {
    api.create("apps", "{'name':'teste'}");

    api.refused("POST", "/v2/apps", "{\"name\":\"teste\"}", 409, "App already exists");
    api.refused(
        "POST",
        "/v2/apps",
        "{\"name\":\"" + TOO_LONG + "\"}",
        400,
        "App name must be 255 characters or less");
    api.create("apps", "{'name':'" + "x".repeat(255) + "'}");
    api.refused("POST", "/v2/apps", "{'name':'" + "x".repeat(256) + "'}", 400, "App name must be");
    api.create("apps", "{'name':'" + "é".repeat(127) + "'}");
    api.refused(
        "POST",
        "/v2/apps",
        "{\"name\":\"" + "é".repeat(128) + "\"}",
        400,
        "App name must be 255 characters or less");
    api.create("apps", "{'name':'日本_-٣Ⅷ'}");
  }

  @Test
  void updatesAnApp(Resources api) {
    String id =
        api.create("apps", "{'name':'app','config':{'A':'1','B':'2'},'annotations':{'x':1}}");
    String one = "/v2/apps/" + id;
    String made = api.get(one).get("created_at").asText();

    for (String same :
        List.of(
            "{}",
            "null",
            "{'id':'" + id + "','name':'app','config':{'A':'1'},'annotations':{'x':1}}",
            "{'config':null,'annotations':{'gone':''}}",
            "{'config':{'Z':''},'shape':'BAD','created_at':'2001-01-01T00:00:00Z'}")) {
      assertThat(api.put(one, same).get("updated_at").asText()).as(same).isEqualTo(made);
    }
    JsonNode changed =
        api.put(one, "{'config':{'A':'','B':'3','C':'4'},'annotations':{'x':'','y':[1]}}");
    assertThat(changed.get("config").toString()).isEqualTo("{\"B\":\"3\",\"C\":\"4\"}");
    assertThat(changed.get("annotations").toString()).isEqualTo("{\"y\":[1]}");
    String later = changed.get("updated_at").asText();
    assertThat(later).isGreaterThan(made);
    assertThat(changed.get("created_at").asText()).isEqualTo(made);

    JsonNode again = api.put(one, "{'config':{'B':null},'annotations':{'y':null}}");
    assertThat(again.has("annotations")).isFalse();
    assertThat(again.get("config").toString()).isEqualTo("{\"C\":\"4\"}");
    assertThat(again.get("updated_at").asText()).as("moves on").isGreaterThan(later);
  }

  @Test
  void updatesASyslogUrl(Resources api) {
    String one = "/v2/apps/" + api.create("apps", "{'name':'app','syslog_url':''}");
    assertThat(api.get(one).get("syslog_url").asText()).isEmpty();

    assertThat(api.put(one, "{'syslog_url':'udp://h:1'}").get("syslog_url").asText())
        .isEqualTo("udp://h:1");
    assertThat(api.put(one, "{'syslog_url':null}").get("syslog_url").asText())
        .isEqualTo("udp://h:1");
    String before = api.get(one).get("updated_at").asText();
    assertThat(api.put(one, "{'syslog_url':'udp://h:1'}").get("updated_at").asText())
        .isGreaterThan(before);
    api.refused("PUT", one, "{\"syslog_url\":\"tls://h:1\"}", 400, "tls://h:1");
    assertThat(api.put(one, "{'syslog_url':''}").has("syslog_url")).isFalse();
  }

  @Test
  void refusesABadUpdateOfAnApp(Resources api) {
    String id = api.create("apps", "{'name':'app'}");

    api.refused("PUT", "/v2/apps/nope", "{ }", 404, "App not found");
    api.refused("PUT", "/v2/apps/" + id, "", 400, "Invalid JSON");
    api.refused(
        "PUT", "/v2/apps/nope", "{\"id\":\"x\"}", 400, "App ID in path does not match ID in body");
    api.refused(
        "PUT",
        "/v2/apps/" + id,
        "{\"name\":\"other\",\"annotations\":{\"\":1}}",
        409,
        "Could not update - name is immutable");
    api.refused(
        "PUT", "/v2/apps/" + id, "{\"annotations\":{\"\":1}}", 400, "Invalid annotation key,");
  }

  @Test
  void deletesAnAppOnce(Resources api) {
    api.refused("DELETE", "/v2/apps/myapp", "", 404, "App not found");

    api.delete("/v2/apps/" + api.create("apps", "{'name':'app'}"), "App not found");
  }

  @Test
  void listsAppsByPages(Resources api) {
    assertThat(api.done("GET", "/v2/apps", "").body()).isEqualTo("{\"items\":[]}");
    for (String name : List.of("myapp3", "myapp", "myapp2")) {
      api.create("apps", "{'name':'" + name + "'}");
    }

    assertThat(api.names("/v2/apps?per_page")).containsExactly("myapp", "myapp2", "myapp3");
    assertThat(api.names("/v2/apps?per_page=1")).containsExactly("myapp");
    assertThat(api.done("GET", "/v2/apps?per_page=1", "").body())
        .startsWith("{\"next_cursor\":\"bXlhcHA\",\"items\":[{");
    assertThat(api.next("/v2/apps?per_page=1&cursor=bXlhcHA")).isEqualTo("bXlhcHAy");
    assertThat(api.next("/v2/apps?per_page=1&cursor=bXlhcHAy")).isEqualTo("bXlhcHAz");
    assertThat(api.next("/v2/apps?per_page=100&cursor=bXlhcHAy")).isEmpty();
    assertThat(api.names("/v2/apps?per_page=1&cursor=bXlhcHAz")).isEmpty();
    assertThat(api.names("/v2/apps?name=myapp2")).containsExactly("myapp2");
    assertThat(api.next("/v2/apps?name=myapp&per_page=1")).isEqualTo("bXlhcHA");
    assertThat(api.names("/v2/apps?name=my")).isEmpty();
    assertThat(api.names("/v2/apps?name=")).hasSize(3);
    api.refused("GET", "/v2/apps?name=%2", "", 400, "Invalid query string");
    api.refused("GET", "/v2/apps?name=%00", "", 400, "Invalid query string");
    api.refused("GET", "/v2/apps?cursor=bQBpAGk", "", 400, "Invalid cursor");
    api.refused("GET", "/v2/apps?cursor=!!!", "", 400, "Invalid cursor");
    api.refused("GET", "/v2/apps?cursor=bDI=", "", 400, "Invalid cursor");
    api.refused("GET", "/v2/apps?cursor=bXlhcHA%3D", "", 400, "Invalid cursor");
  }

  @Test
  void queriesThatCanNotBeReadAreRefused(Resources api) {
    api.create("apps", "{'name':'app'}");
    String many = "x=1&".repeat(63);

    assertThat(api.names("/v2/apps?" + many + "name=other")).isEmpty();
    for (String query :
        List.of("x=1&" + many + "name=other", "name=%ff", "name=%c3%28", "name=%00", "name=%zz")) {
      api.refused("GET", "/v2/apps?" + query, "", 400, "Invalid query string");
    }
    // What is base64 but not UTF-8 would lead to the end of the list.
    for (String cursor : List.of("____", "gICA", "bDI=", "!!!")) {
      api.refused("GET", "/v2/apps?cursor=" + cursor, "", 400, "Invalid cursor");
    }
    for (String query :
        List.of("NAME=other", "foo=bar", "&&&", "name=app&name=other", "per_page")) {
      assertThat(api.names("/v2/apps?" + query)).as(query).containsExactly("app");
    }
  }

  @Test
  void readsThePageSizeLeniently(Resources api) {
    for (int i = 0; i < 102; i++) {
      api.create("apps", "{'name':'app" + i + "'}");
    }

    for (String size :
        List.of("", "0", "-1", "abc", "%205", "5.5", "1e1", "99999999999999999999")) {
      assertThat(api.names("/v2/apps?per_page=" + size)).as(size).hasSize(30);
    }
    for (String size : List.of("100", "101", "1000", "9999999999")) {
      assertThat(api.names("/v2/apps?per_page=" + size)).as(size).hasSize(100);
    }
    assertThat(api.names("/v2/apps?per_page=%2B3")).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'v'",
        "1",
        "1.50",
        "3.141",
        "true",
        "[]",
        "{}",
        "{'b':1,'a':[1,2]}",
        "'line\\n\\u00e9'"
      })
  void annotationsKeepTheirSpelling(String value, Resources api) {
    String id = api.create("apps", "{'name':'app','annotations':{'k': " + value + " }}");

    assertThat(api.get("/v2/apps/" + id).at("/annotations/k")).isEqualTo(Resources.json(value));
    assertThat(api.done("GET", "/v2/apps/" + id, "").body())
        .contains(Resources.quoted("'k':" + value).replace("\\u00e9", "é"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ok",
        "fnproject/internal/foo",
        "foo.bar.com.baz",
        "foo$bar!_+-[]:@/<>$",
        "$128",
      })
  void annotationKeysArePrintable(String key, Resources api) {
    String spelled = key.equals("$128") ? "a".repeat(128) : key;

    assertThat(
            api.post("apps", "{'name':'app','annotations':{'" + spelled + "':1}}")
                .json()
                .path("annotations")
                .has(spelled))
        .isTrue();
    for (String bad : List.of("", " ", "é", "foo bar", "a\\tb")) {
      api.refused(
          "POST",
          "/v2/apps",
          "{'name':'b','annotations':{'" + bad + "':1}}",
          400,
          "Invalid annotation key, annotation keys must be non-empty ascii strings");
    }
  }

  @Test
  void annotationsAreMergedByKey(Resources api) {
    String app = "/v2/apps/" + api.create("apps", "{'name':'app','annotations':{'a':1,'b':2}}");

    assertThat(api.put(app, "{'annotations':{'a':'','absent':'','c':3}}").path("annotations"))
        .isEqualTo(Resources.json("{'b':2,'c':3}"));
    api.put(app, "{'annotations':{" + annotations(98) + "}}");
    assertThat(api.get(app).path("annotations")).hasSize(100);
    api.refused("PUT", app, "{'annotations':{'more':1}}", 400, "Invalid annotation change,");
    api.put(app, "{'annotations':{'b':null,'more':1}}");
  }

  @Test
  void limitsAnnotations(Resources api) {
    api.create("apps", "{'name':'a1','annotations':{'k':'" + "v".repeat(510) + "'}}");
    api.create("apps", "{'name':'a2','annotations':{'" + "k".repeat(128) + "':1}}");
    api.create("apps", "{'name':'a3','annotations':{" + annotations(100) + "}}");

    api.refused(
        "POST",
        "/v2/apps",
        "{\"name\":\"b\",\"annotations\":{\"k\":\"" + "v".repeat(511) + "\"}}",
        400,
        "Invalid annotation value length,");
    api.refused(
        "POST",
        "/v2/apps",
        "{\"name\":\"b\",\"annotations\":{\"" + "k".repeat(129) + "\":1}}",
        400,
        "Invalid annotation key length,");
    api.refused(
        "POST",
        "/v2/apps",
        ("{'name':'b','annotations':{" + annotations(101) + "}}"),
        400,
        "Invalid annotation change,");
  }

  private static String annotations(int count) {
    return String.join(",", IntStream.range(0, count).mapToObj(i -> "'k" + i + "':1").toList());
  }
}
