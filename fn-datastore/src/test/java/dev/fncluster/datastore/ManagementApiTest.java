package dev.fncluster.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.management.Datastore;
import dev.fncluster.api.management.EndpointAnnotator;
import dev.fncluster.api.management.ManagementApi;
import dev.fncluster.api.model.IdGenerator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The routes, the rules and a real store together, without a server. */
class ManagementApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NOW = "2026-01-02T03:04:05.678Z";
  private static final String ZERO = "0001-01-01T00:00:00.000Z";
  private static final String TOO_LONG = "7".repeat(257);
  private static final String FN_ENDPOINT = "fnproject.io/fn/invokeEndpoint";
  private static final String TRIGGER_ENDPOINT = "fnproject.io/trigger/httpEndpoint";

  @TempDir Path directory;
  private final MutableTime time = new MutableTime();
  private Datastore store;
  private TestRoutes routes;

  @BeforeEach
  void open() {
    store =
        Datastores.open(
            new DatastoreSettings("sqlite3://" + directory.resolve("fn.db"), Duration.ZERO));
    routes = routes(Optional.empty());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private TestRoutes routes(Optional<String> publicUrl) {
    TestRoutes all = new TestRoutes();
    IdGenerator ids = new IdGenerator(1, () -> time.instant().toEpochMilli());
    new ManagementApi(store, ids, time, new EndpointAnnotator(publicUrl)).register(all);
    return all;
  }

  // Apps.

  @Test
  void createsAnAppInTheOrderOfItsMembers() throws Exception {
    HttpResponse answer =
        routes.call(
            "POST",
            "/v2/apps",
            """
            {"NAME":"a2","bogus":[1,{"x":2}],"config":{"b":"<1>","a":""},"id":"","shape":"GENERIC_ARM",
             "annotations":{"n": 1.50, "k":{ "b":1, "a":[1,2]}},"syslog_url":" tcp://h:1 ",
             "created_at":"%s","updated_at":"2020-01-01T00:00:00Z"} trailing garbage\
            """
                .formatted(ZERO));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers().first("Content-Type")).isEqualTo("application/json; charset=utf-8");
    String id = json(answer).get("id").asText();
    assertThat(text(answer))
        .isEqualTo(
            "{\"id\":\""
                + id
                + "\",\"name\":\"a2\",\"config\":{\"a\":\"\",\"b\":\"\\u003c1\\u003e\"},"
                + "\"annotations\":{\"k\":{\"b\":1,\"a\":[1,2]},\"n\":1.50},"
                + "\"syslog_url\":\" tcp://h:1 \",\"created_at\":\""
                + NOW
                + "\",\"updated_at\":\""
                + NOW
                + "\",\"shape\":\"GENERIC_ARM\"}");
    assertThat(text(routes.call("GET", "/v2/apps/" + id, ""))).isEqualTo(text(answer));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "5",
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
  void refusesWhatIsNoJsonOfTheRightTypes(String body) {
    refused("POST", "/v2/apps", body, 400, "Invalid JSON");
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
  void refusesTextsThatCanNotBeKept(String body) {
    refused("POST", "/v2/apps", body.replace('\'', '"'), 400, "Invalid text,");
  }

  @Test
  void keepsCharactersBeyondTheFirstPlane() throws Exception {
    JsonNode app = json(post("apps", "{'name':'a','config':{'k':'\\ud83d\\ude00\\u0001'}}"));

    assertThat(app.get("config").get("k").asText()).isEqualTo("\ud83d\ude00\u0001");
  }

  @Test
  void refusesWhatIsNestedTooDeeply() {
    String deep = "[".repeat(5000) + "]".repeat(5000);

    refused("POST", "/v2/apps", deep, 400, "Invalid JSON");
    refused("POST", "/v2/apps", "{\"name\":\"a\",\"x\":" + deep + "}", 400, "Invalid JSON");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "null|Missing Name",
        "{}|Missing Name",
        "{'name':null}|Missing Name",
        "{'name':'app','id':'badId'}|App ID cannot be supplied on create",
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
  void refusesABadNewApp(String body, String message) {
    refused("POST", "/v2/apps", body.replace('\'', '"'), 400, message);
  }

  @Test
  void anAppsNameIsTakenOnce() throws Exception {
    create("apps", "{'name':'teste'}");

    refused("POST", "/v2/apps", "{\"name\":\"teste\"}", 409, "App already exists");
    refused(
        "POST",
        "/v2/apps",
        "{\"name\":\"" + TOO_LONG + "\"}",
        400,
        "App name must be 255 characters or less");
    create("apps", "{'name':'" + "é".repeat(127) + "'}");
    refused(
        "POST",
        "/v2/apps",
        "{\"name\":\"" + "é".repeat(128) + "\"}",
        400,
        "App name must be 255 characters or less");
    create("apps", "{'name':'日本_-٣Ⅷ'}");
  }

  @Test
  void updatesAnApp() throws Exception {
    String id = create("apps", "{'name':'app','config':{'A':'1','B':'2'},'annotations':{'x':1}}");
    String one = "/v2/apps/" + id;
    time.advance(Duration.ofSeconds(1));
    String later = "2026-01-02T03:04:06.678Z";

    for (String same :
        List.of(
            "{}",
            "null",
            "{'id':'" + id + "','name':'app','config':{'A':'1'},'annotations':{'x':1}}",
            "{'config':null,'annotations':{'gone':''}}",
            "{'config':{'Z':''},'shape':'BAD','created_at':'2001-01-01T00:00:00Z'}")) {
      assertThat(put(one, same).get("updated_at").asText()).as(same).isEqualTo(NOW);
    }
    JsonNode changed =
        put(one, "{'config':{'A':'','B':'3','C':'4'},'annotations':{'x':'','y':[1]}}");
    assertThat(changed.get("config").toString()).isEqualTo("{\"B\":\"3\",\"C\":\"4\"}");
    assertThat(changed.get("annotations").toString()).isEqualTo("{\"y\":[1]}");
    assertThat(changed.get("updated_at").asText()).isEqualTo(later);
    assertThat(changed.get("created_at").asText()).isEqualTo(NOW);

    JsonNode again = put(one, "{'config':{'B':null},'annotations':{'y':null}}");
    assertThat(again.has("annotations")).isFalse();
    assertThat(again.get("config").toString()).isEqualTo("{\"C\":\"4\"}");
    assertThat(again.get("updated_at").asText()).as("moves on").isGreaterThan(later);
  }

  @Test
  void updatesASyslogUrl() throws Exception {
    String one = "/v2/apps/" + create("apps", "{'name':'app','syslog_url':''}");
    assertThat(json(routes.call("GET", one, "")).get("syslog_url").asText()).isEmpty();

    assertThat(put(one, "{'syslog_url':'udp://h:1'}").get("syslog_url").asText())
        .isEqualTo("udp://h:1");
    assertThat(put(one, "{'syslog_url':null}").get("syslog_url").asText()).isEqualTo("udp://h:1");
    String before = json(routes.call("GET", one, "")).get("updated_at").asText();
    assertThat(put(one, "{'syslog_url':'udp://h:1'}").get("updated_at").asText())
        .isGreaterThan(before);
    refused("PUT", one, "{\"syslog_url\":\"tls://h:1\"}", 400, "tls://h:1");
    assertThat(put(one, "{'syslog_url':''}").has("syslog_url")).isFalse();
  }

  @Test
  void refusesABadUpdateOfAnApp() throws Exception {
    String id = create("apps", "{'name':'app'}");

    refused("PUT", "/v2/apps/nope", "{ }", 404, "App not found");
    refused("PUT", "/v2/apps/nope", "", 400, "Invalid JSON");
    refused(
        "PUT", "/v2/apps/nope", "{\"id\":\"x\"}", 400, "App ID in path does not match ID in body");
    refused(
        "PUT",
        "/v2/apps/" + id,
        "{\"name\":\"other\",\"annotations\":{\"\":1}}",
        409,
        "Could not update - name is immutable");
    refused("PUT", "/v2/apps/" + id, "{\"annotations\":{\"\":1}}", 400, "Invalid annotation key,");
  }

  @Test
  void deletesAnAppOnce() throws Exception {
    String id = create("apps", "{'name':'app'}");
    HttpResponse answer = routes.call("DELETE", "/v2/apps/" + id, "");

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.headers().first("Content-Type")).isEqualTo("text/plain; charset=utf-8");
    refused("DELETE", "/v2/apps/" + id, "", 404, "App not found");
    refused("GET", "/v2/apps/" + id, "", 404, "App not found");
  }

  @Test
  void listsAppsByPages() throws Exception {
    assertThat(text(routes.call("GET", "/v2/apps", ""))).isEqualTo("{\"items\":[]}");
    for (String name : List.of("myapp3", "myapp", "myapp2")) {
      create("apps", "{'name':'" + name + "'}");
    }

    assertThat(names("/v2/apps?per_page")).containsExactly("myapp", "myapp2", "myapp3");
    assertThat(names("/v2/apps?per_page=1")).containsExactly("myapp");
    assertThat(text(routes.call("GET", "/v2/apps?per_page=1", "")))
        .startsWith("{\"next_cursor\":\"bXlhcHA\",\"items\":[{");
    assertThat(next("/v2/apps?per_page=1&cursor=bXlhcHA")).isEqualTo("bXlhcHAy");
    assertThat(next("/v2/apps?per_page=1&cursor=bXlhcHAy")).isEqualTo("bXlhcHAz");
    assertThat(next("/v2/apps?per_page=100&cursor=bXlhcHAy")).isEmpty();
    assertThat(names("/v2/apps?per_page=1&cursor=bXlhcHAz")).isEmpty();
    assertThat(names("/v2/apps?name=myapp2")).containsExactly("myapp2");
    assertThat(names("/v2/apps?name=my")).isEmpty();
    assertThat(names("/v2/apps?name=")).hasSize(3);
    refused("GET", "/v2/apps?name=%2", "", 400, "Invalid query string");
    refused("GET", "/v2/apps?name=%00", "", 400, "Invalid query string");
    refused("GET", "/v2/apps?cursor=bQBpAGk", "", 400, "Invalid cursor");
    refused("GET", "/v2/apps?cursor=!!!", "", 400, "Invalid cursor");
    refused("GET", "/v2/apps?cursor=bDI=", "", 400, "Invalid cursor");
    refused("GET", "/v2/apps?cursor=bXlhcHA%3D", "", 400, "Invalid cursor");
  }

  @Test
  void readsThePageSizeLeniently() throws Exception {
    for (int i = 0; i < 102; i++) {
      create("apps", "{'name':'app" + i + "'}");
    }

    for (String size :
        List.of("", "0", "-1", "abc", "%205", "5.5", "1e1", "99999999999999999999")) {
      assertThat(names("/v2/apps?per_page=" + size)).as(size).hasSize(30);
    }
    for (String size : List.of("100", "101", "1000", "9999999999")) {
      assertThat(names("/v2/apps?per_page=" + size)).as(size).hasSize(100);
    }
    assertThat(names("/v2/apps?per_page=%2B3")).hasSize(3);
  }

  @Test
  void limitsAnnotations() throws Exception {
    create("apps", "{'name':'a1','annotations':{'k':'" + "v".repeat(510) + "'}}");
    create("apps", "{'name':'a2','annotations':{'" + "k".repeat(128) + "':1}}");
    create("apps", "{'name':'a3','annotations':{" + annotations(100) + "}}");

    refused(
        "POST",
        "/v2/apps",
        "{\"name\":\"b\",\"annotations\":{\"k\":\"" + "v".repeat(511) + "\"}}",
        400,
        "Invalid annotation value length,");
    refused(
        "POST",
        "/v2/apps",
        "{\"name\":\"b\",\"annotations\":{\"" + "k".repeat(129) + "\":1}}",
        400,
        "Invalid annotation key length,");
    refused(
        "POST",
        "/v2/apps",
        ("{'name':'b','annotations':{" + annotations(101) + "}}").replace('\'', '"'),
        400,
        "Invalid annotation change,");
  }

  // Fns.

  @Test
  void createsAFnWithDefaults() throws Exception {
    String app = create("apps", "{'name':'app','shape':'GENERIC_ARM'}");
    HttpResponse answer =
        post("fns", fn(app, "'timeout':null,'shape':'GENERIC_X86','config':null"));
    String id = json(answer).get("id").asText();

    assertThat(text(answer))
        .isEqualTo(
            ("{'id':'%s','name':'fn','app_id':'%s','image':'img','memory':128,'timeout':30,"
                    + "'idle_timeout':30,'config':{},'annotations':{'%s':"
                    + "'http://api.test:8080/invoke/%s'},'created_at':'%s','shape':'GENERIC_ARM',"
                    + "'updated_at':'%s'}")
                .formatted(id, app, FN_ENDPOINT, id, NOW, NOW)
                .replace('\'', '"'));
    assertThat(text(routes.call("GET", "/v2/fns/" + id, ""))).isEqualTo(text(answer));
    assertThat(text(routes.call("GET", "/v2/fns?app_id=" + app, "")))
        .isEqualTo("{\"items\":[" + text(answer) + "]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'id':'x'}|ID cannot be provided for Fn creation",
        "{}|Missing AppID on Fn",
        "{'app_id':'a'}|Missing Fn name",
        "{'app_id':'a','name':'a'}|Missing image on Fn",
        "{'app_id':'a','name':' ','image':'i'}|name must be a valid string",
        "{'app_id':'a','name':'n','image':'i','timeout':-1}|timeout value is out of range, must be"
            + " between 0 and 300",
        "{'app_id':'a','name':'n','image':'i','timeout':301,'memory':9000}|timeout value is out of"
            + " range, must be between 0 and 300",
        "{'app_id':'a','name':'n','image':'i','idle_timeout':3601}|idle_timeout value is out of"
            + " range, must be between 0 and 3600",
        "{'app_id':'a','name':'n','image':'i','memory':8193}|memory value is out of range. It should"
            + " be between 0 and 8192",
        "{'app_id':'a','name':'n','image':'i','memory':18446744073709551615}|memory value is out of"
            + " range. It should be between 0 and 8192",
        "{'timeout':2147483648}|Invalid JSON",
        "{'timeout':1.5}|Invalid JSON",
        "{'timeout':'5'}|Invalid JSON",
        "{'memory':-1}|Invalid JSON",
        "{'memory':18446744073709551616}|Invalid JSON",
      })
  void refusesABadNewFn(String body, String message) {
    refused("POST", "/v2/fns", body.replace('\'', '"'), 400, message);
  }

  @Test
  void aFnNeedsItsAppAndANameOfItsOwn() throws Exception {
    String app = create("apps", "{'name':'app'}");
    create("fns", fn(app, "'memory':8192,'timeout':300,'idle_timeout':3600"));

    refused("POST", "/v2/fns", fn("nope", "'config':{}"), 404, "App not found");
    refused("POST", "/v2/fns", fn(app, "'memory':1"), 409, "Fn with specified name already exists");
    for (String name :
        List.of("a.b", "a~b", "a@b", "a:b", "a+b", "a&b", "a=b", "a$b", "-", "_", ".")) {
      create("fns", "{'app_id':'" + app + "','image':'i','name':'" + name + "'}");
    }
    for (String name :
        List.of("é", "a;b", "a,b", "a!b", "a*b", "a(b", "a?b", "a#b", "a%20b", "a/b")) {
      refused(
          "POST",
          "/v2/fns",
          "{\"app_id\":\"" + app + "\",\"image\":\"i\",\"name\":\"" + name + "\"}",
          400,
          "name must be a valid string");
    }
  }

  @Test
  void updatesAFn() throws Exception {
    String app = create("apps", "{'name':'app'}");
    String id = create("fns", fn(app, "'config':{'a':'1'}"));
    String other = create("fns", "{'app_id':'" + app + "','name':'other','image':'i'}");
    String one = "/v2/fns/" + id;

    JsonNode same =
        put(one, "{'name':'x','app_id':'y','shape':'z','image':'','memory':0,'timeout':0}");
    assertThat(same.get("name").asText()).isEqualTo("fn");
    assertThat(same.get("app_id").asText()).isEqualTo(app);
    assertThat(same.get("updated_at").asText()).isEqualTo(NOW);
    assertThat(same.has("annotations")).isFalse();
    JsonNode changed =
        put(one, "{'image':'new','memory':256,'timeout':1,'idle_timeout':2,'config':{'a':''}}");
    assertThat(changed.get("image").asText()).isEqualTo("new");
    assertThat(changed.get("memory").asInt()).isEqualTo(256);
    assertThat(changed.get("timeout").asInt()).isEqualTo(1);
    assertThat(changed.get("idle_timeout").asInt()).isEqualTo(2);
    assertThat(changed.get("config").toString()).isEqualTo("{}");

    refused("PUT", one, "{\"timeout\":-1}", 400, "timeout value is out of range");
    refused("PUT", one, "{\"memory\":100000000000000}", 400, "memory value is out of range");
    refused("PUT", "/v2/fns/missing", "{ }", 404, "Fn not found");
    refused(
        "PUT",
        one,
        "{\"id\":\"" + other + "\",\"memory\":512}",
        400,
        "Fn ID in path does not match that in body");
    assertThat(json(routes.call("GET", "/v2/fns/" + other, "")).get("memory").asInt())
        .isEqualTo(128);
  }

  @Test
  void theEndpointOfAFnIsNotStored() throws Exception {
    String app = create("apps", "{'name':'app'}");
    String own = "'annotations':{'" + FN_ENDPOINT + "':'mine'}";
    HttpResponse created = post("fns", fn(app, own));
    String id = json(created).get("id").asText();

    assertThat(json(created).get("annotations").get(FN_ENDPOINT).asText())
        .endsWith("/invoke/" + id);
    assertThat(put("/v2/fns/" + id, "{}").get("annotations").get(FN_ENDPOINT).asText())
        .isEqualTo("mine");
    HttpResponse fixed = routes(Optional.of("https://lb/some")).call("GET", "/v2/fns/" + id, "");
    assertThat(json(fixed).get("annotations").get(FN_ENDPOINT).asText())
        .isEqualTo("https://lb/some/invoke/" + id);
  }

  @Test
  void listsFnsOfAnApp() throws Exception {
    refused("GET", "/v2/fns", "", 400, "Missing AppID on Fn");
    assertThat(text(routes.call("GET", "/v2/fns?app_id=nope", ""))).isEqualTo("{\"items\":[]}");
    String app = create("apps", "{'name':'app'}");
    for (String name : List.of("myfunc1", "myfunc2", "myfunc3")) {
      create("fns", "{'app_id':'" + app + "','name':'" + name + "','image':'i'}");
    }

    String all = "/v2/fns?app_id=" + app;
    assertThat(names(all)).containsExactly("myfunc1", "myfunc2", "myfunc3");
    assertThat(next(all + "&per_page=1")).isEqualTo(cursor("myfunc1"));
    assertThat(names(all + "&per_page=1&cursor=" + cursor("myfunc1"))).containsExactly("myfunc2");
    assertThat(names(all + "&per_page=1&cursor=" + cursor("myfunc3"))).isEmpty();
    assertThat(names(all + "&name=myfunc2")).containsExactly("myfunc2");
  }

  @Test
  void callsAreGone() throws Exception {
    for (String path : List.of("/calls", "/calls/y", "/calls/y/log")) {
      HttpResponse answer = routes.call("GET", "/v2/fns/x" + path, "");
      assertThat(answer.status()).isEqualTo(410);
      assertThat(answer.body()).isEmpty();
      assertThat(answer.headers().size()).isZero();
    }
  }

  // Triggers.

  @Test
  void createsATrigger() throws Exception {
    String app = create("apps", "{'name':'myapp'}");
    String fn = create("fns", fn(app, "'config':{}"));
    HttpResponse answer =
        post("triggers", trigger(app, fn, "name", "/a/b?c=d", "'created_at':'" + ZERO + "'"));
    String id = json(answer).get("id").asText();

    assertThat(text(answer))
        .isEqualTo(
            ("{'id':'%s','name':'name','app_id':'%s','fn_id':'%s','created_at':'%s',"
                    + "'updated_at':'%s','type':'http','source':'/a/b?c=d','annotations':{'%s':"
                    + "'http://api.test:8080/t/myapp/a/b?c=d'}}")
                .formatted(id, app, fn, NOW, NOW, TRIGGER_ENDPOINT)
                .replace('\'', '"'));
    assertThat(text(routes.call("GET", "/v2/triggers/" + id, ""))).isEqualTo(text(answer));
    assertThat(text(routes.call("GET", "/v2/triggers?app_id=" + app, "")))
        .isEqualTo("{\"items\":[" + text(answer) + "]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'id':'x','created_at':''}|ID cannot be provided for Trigger creation",
        "{'created_at':'2001-01-01T00:00:00Z'}|Trigger Created At Provided for Create",
        "{'created_at':''}|Trigger Created At Provided for Create",
        "{'updated_at':'2001-01-01T00:00:00Z'}|Trigger ID Provided for Create",
        "{}|Missing App ID on Trigger",
        "{'app_id':'a','fn_id':'f'}|Missing name on Trigger",
        "{'app_id':'a','name':'&&%@!#$#@$'}|Invalid name for Trigger",
        "{'app_id':'a','name':'n'}|Missing Fn ID on Trigger",
        "{'app_id':'a','fn_id':'f','name':'n'}|Trigger Type Not Supported",
        "{'app_id':'a','fn_id':'f','name':'n','type':'HTTP'}|Trigger Type Not Supported",
        "{'app_id':'a','fn_id':'f','name':'n','type':'http'}|Missing Trigger Source",
        "{'app_id':'a','fn_id':'f','name':'n','type':'http','source':'s'}|Missing Trigger Source"
            + " Prefix '/'",
      })
  void refusesABadNewTrigger(String body, String message) {
    refused("POST", "/v2/triggers", body.replace('\'', '"'), 400, message);
  }

  @Test
  void updatesATrigger() throws Exception {
    String app = create("apps", "{'name':'app'}");
    String fn = create("fns", fn(app, "'config':{}"));
    String id = create("triggers", trigger(app, fn, "name", "/s", "'annotations':{'k':1}"));
    create("triggers", trigger(app, fn, "taken", "/taken", "'annotations':{}"));
    String one = "/v2/triggers/" + id;

    JsonNode same =
        put(one, "{'app_id':'x','type':'foo','source':'','created_at':'2001-01-01T00:00:00Z'}");
    assertThat(same.get("app_id").asText()).isEqualTo(app);
    assertThat(same.get("type").asText()).isEqualTo("http");
    assertThat(same.get("updated_at").asText()).isEqualTo(NOW);
    JsonNode changed = put(one, "{'name':'again','source':'/other','annotations':{'k':null}}");
    assertThat(changed.get("name").asText()).isEqualTo("again");
    assertThat(changed.get("source").asText()).isEqualTo("/other");
    assertThat(changed.has("annotations")).isFalse();

    refused("PUT", one, "{\"source\":\"nolead\"}", 400, "Missing Trigger Source Prefix '/'");
    refused("PUT", one, "{\"name\":\"taken\"}", 409, "Trigger already exists");
    refused("PUT", one, "{\"source\":\"/taken\"}", 409, "Trigger with the same type and source");
    refused("PUT", one, "{\"fn_id\":\"nope\"}", 404, "Fn not found");
    refused("PUT", "/v2/triggers/nope", "{\"id\":\"nope\"}", 404, "Trigger not found");
    refused(
        "PUT",
        "/v2/triggers/nope",
        "{\"id\":\"" + id + "\",\"name\":\"changed\"}",
        400,
        "ID in path does not match ID in body");
    assertThat(json(routes.call("GET", one, "")).get("name").asText()).isEqualTo("again");
  }

  @Test
  void pagesOfTriggersLoseNothing() throws Exception {
    refused("GET", "/v2/triggers?per_page", "", 400, "Missing App ID on Trigger");
    String app = create("apps", "{'name':'app'}");
    for (int i = 0; i < 3; i++) {
      String fn = create("fns", "{'app_id':'" + app + "','name':'f" + i + "','image':'i'}");
      create("triggers", trigger(app, fn, "same", "/same" + i, "'annotations':{}"));
    }

    String all = "/v2/triggers?app_id=" + app;
    String first = next(all + "&per_page=2");
    assertThat(names(all + "&per_page=2&cursor=" + first)).containsExactly("same");
    assertThat(next(all + "&per_page=3")).isEqualTo(cursor("same"));
    assertThat(names(all + "&name=same")).hasSize(3);
    assertThat(names(all + "&fn_id=nope")).isEmpty();
  }

  @Test
  void aLongEndpointIsShown() throws Exception {
    String app = create("apps", "{'name':'app'}");
    String fn = create("fns", fn(app, "'config':{}"));
    // 256 characters, and beyond the 512 bytes that other annotations may have.
    String source = "/" + "\u00e9".repeat(255);
    String id = create("triggers", trigger(app, fn, "name", source, "'annotations':{}"));

    JsonNode read = json(routes.call("GET", "/v2/triggers/" + id, ""));
    assertThat(read.get("annotations").get(TRIGGER_ENDPOINT).asText()).endsWith("/t/app" + source);
  }

  @Test
  void limitsImagesAndSources() throws Exception {
    String app = create("apps", "{'name':'app'}");
    String most = "\ud83d\ude00".repeat(255);
    String fn = create("fns", "{'app_id':'" + app + "','name':'fn','image':'i" + most + "'}");
    String trigger = create("triggers", trigger(app, fn, "name", "/" + most, "'annotations':{}"));
    String image = "Fn image must be 256 characters or less";
    String source = "Trigger source must be 256 characters or less";
    String tooLong = "/" + "x".repeat(256);

    refused(
        "POST",
        "/v2/fns",
        "{\"app_id\":\"" + app + "\",\"name\":\"b\",\"image\":\"" + tooLong + "\"}",
        400,
        image);
    refused("PUT", "/v2/fns/" + fn, "{\"image\":\"" + tooLong + "\"}", 400, image);
    refused(
        "POST", "/v2/triggers", trigger(app, fn, "b", tooLong, "'annotations':{}"), 400, source);
    refused("PUT", "/v2/triggers/" + trigger, "{\"source\":\"" + tooLong + "\"}", 400, source);
    assertThat(put("/v2/fns/" + fn, "{'memory':256}").get("memory").asInt()).isEqualTo(256);
  }

  @Test
  void findsTriggersBySourceForLoadBalancers() throws Exception {
    String app = create("apps", "{'name':'app'}");
    String fn = create("fns", fn(app, "'config':{}"));
    String id = create("triggers", trigger(app, fn, "name", "/src3", "'annotations':{}"));
    String root = create("triggers", trigger(app, fn, "root", "/", "'annotations':{}"));
    String base = "/v2/runner/apps/" + app + "/triggerBySource/";

    JsonNode found = json(routes.call("GET", base + "http//src3", ""));
    assertThat(found.get("id").asText()).isEqualTo(id);
    assertThat(found.has("annotations")).isFalse();
    assertThat(json(routes.call("GET", base + "http/%2Fsrc3", "")).get("id").asText())
        .isEqualTo(id);
    assertThat(json(routes.call("GET", base + "http//", "")).get("id").asText()).isEqualTo(root);
    refused("GET", base + "http/src3", "", 404, "Trigger not found");
    refused("GET", base + "http/", "", 404, "Trigger not found");
    refused("GET", base + "other//src3", "", 404, "Trigger not found");
    refused("GET", "/v2/runner/apps/x/triggerBySource/http//src3", "", 404, "Trigger not found");
  }

  private static String annotations(int count) {
    return String.join(",", IntStream.range(0, count).mapToObj(i -> "'k" + i + "':1").toList());
  }

  private static String fn(String app, String more) {
    return ("{'app_id':'" + app + "','name':'fn','image':'img'," + more + "}").replace('\'', '"');
  }

  private static String trigger(String app, String fn, String name, String source, String more) {
    return "{'app_id':'%s','fn_id':'%s','name':'%s','source':'%s','type':'http','id':'',%s}"
        .formatted(app, fn, name, source, more)
        .replace('\'', '"');
  }

  private static String cursor(String name) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(name.getBytes(StandardCharsets.UTF_8));
  }

  private HttpResponse post(String kind, String body) throws Exception {
    HttpResponse answer = routes.call("POST", "/v2/" + kind, body.replace('\'', '"'));
    assertThat(answer.status()).isEqualTo(200);
    return answer;
  }

  private String create(String kind, String body) throws Exception {
    return json(post(kind, body)).get("id").asText();
  }

  private JsonNode put(String path, String body) throws Exception {
    HttpResponse answer = routes.call("PUT", path, body.replace('\'', '"'));
    assertThat(answer.status()).isEqualTo(200);
    return json(answer);
  }

  private List<String> names(String uri) throws Exception {
    return json(routes.call("GET", uri, "")).get("items").findValuesAsText("name");
  }

  private String next(String uri) throws Exception {
    return json(routes.call("GET", uri, "")).path("next_cursor").asText();
  }

  private void refused(String method, String uri, String body, int code, String message) {
    assertThatThrownBy(() -> routes.call(method, uri, body))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  private static String text(HttpResponse answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static JsonNode json(HttpResponse answer) throws Exception {
    return JSON.readTree(answer.body());
  }
}
