package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Triggers over HTTP, by an API node with a store that is empty before each test. */
@Timeout(120)
@ExtendWith(ApiNodeExtension.class)
final class TriggersConformanceTest {
  private static final String ENDPOINT = "fnproject.io/trigger/httpEndpoint";
  private static final String ZERO = "0001-01-01T00:00:00.000Z";

  @Test
  void createsATrigger(Resources api) {
    String app = api.create("apps", "{'name':'myapp'}");
    String fn = api.create("fns", fn(app));
    WireClient.Answer answer =
        api.post("triggers", trigger(app, fn, "name", "/a/b?c=d", "'created_at':'" + ZERO + "'"));
    String id = answer.json().get("id").asText();
    String now = Resources.madeJustNow(answer.json());

    assertThat(answer.body())
        .isEqualTo(
            Resources.quoted(
                ("{'id':'%s','name':'name','app_id':'%s','fn_id':'%s','created_at':'%s',"
                        + "'updated_at':'%s','type':'http','source':'/a/b?c=d','annotations':{'%s':"
                        + "'http://%s/t/myapp/a/b?c=d'}}")
                    .formatted(id, app, fn, now, now, ENDPOINT, api.host())));
    assertThat(api.done("GET", "/v2/triggers/" + id, "").body()).isEqualTo(answer.body());
    assertThat(api.done("GET", "/v2/triggers?app_id=" + app, "").body())
        .isEqualTo("{\"items\":[" + answer.body() + "]}");
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
        "{'app_id':'a','fn_id':'f','name':'%s','type':'http'}|Trigger name must be 255 characters or"
            + " less",
        "{'app_id':'a','name':'n'}|Missing Fn ID on Trigger",
        "{'app_id':'a','fn_id':'f','name':'n'}|Trigger Type Not Supported",
        "{'app_id':'a','fn_id':'f','name':'n','type':'HTTP'}|Trigger Type Not Supported",
        "{'app_id':'a','fn_id':'f','name':'n','type':'http'}|Missing Trigger Source",
        "{'app_id':'a','fn_id':'f','name':'n','type':'http','source':'s'}|Missing Trigger Source"
            + " Prefix '/'",
        "{'app_id':'a','fn_id':'f','name':'n','type':'http','source':'/s','annotations':{'':'v'}}|"
            + "Invalid annotation key, annotation keys must be non-empty ascii strings",
      })
  void refusesABadNewTrigger(String body, String message, Resources api) {
    api.refused("POST", "/v2/triggers", body.replace("%s", "7".repeat(257)), 400, message);
  }

  @Test
  void updatesATrigger(Resources api) {
    String app = api.create("apps", "{'name':'app'}");
    String fn = api.create("fns", fn(app));
    String id = api.create("triggers", trigger(app, fn, "name", "/s", "'annotations':{'k':1}"));
    api.create("triggers", trigger(app, fn, "taken", "/taken", "'annotations':{}"));
    String one = "/v2/triggers/" + id;
    String made = api.get(one).get("created_at").asText();

    JsonNode same =
        api.put(one, "{'app_id':'x','type':'foo','source':'','created_at':'2001-01-01T00:00:00Z'}");
    assertThat(same.get("app_id").asText()).isEqualTo(app);
    assertThat(same.get("type").asText()).isEqualTo("http");
    assertThat(same.get("updated_at").asText()).isEqualTo(made);
    JsonNode changed = api.put(one, "{'name':'again','source':'/other','annotations':{'k':null}}");
    assertThat(changed.get("name").asText()).isEqualTo("again");
    assertThat(changed.get("source").asText()).isEqualTo("/other");
    assertThat(changed.has("annotations")).isFalse();
    assertThat(changed.get("created_at").asText()).isEqualTo(made);
    assertThat(changed.get("updated_at").asText()).isGreaterThan(made);

    api.refused("PUT", one, "{\"source\":\"nolead\"}", 400, "Missing Trigger Source Prefix '/'");
    api.refused("PUT", one, "{\"name\":\"taken\"}", 409, "Trigger already exists");
    api.refused(
        "PUT", one, "{\"source\":\"/taken\"}", 409, "Trigger with the same type and source");
    api.refused("PUT", one, "{\"fn_id\":\"nope\"}", 404, "Fn not found");
    api.refused("PUT", "/v2/triggers/nope", "{\"id\":\"nope\"}", 404, "Trigger not found");
    api.refused(
        "PUT",
        "/v2/triggers/nope",
        "{\"id\":\"" + id + "\",\"name\":\"changed\"}",
        400,
        "ID in path does not match ID in body");
    JsonNode read = api.get(one);
    assertThat(read.get("name").asText()).isEqualTo("again");
    assertThat(read.get("source").asText()).isEqualTo("/other");
    assertThat(read.get("app_id").asText()).isEqualTo(app);
    assertThat(read.get("fn_id").asText()).isEqualTo(fn);
  }

  @Test
  void pagesOfTriggersLoseNothing(Resources api) {
    api.refused("GET", "/v2/triggers?per_page", "", 400, "Missing App ID on Trigger");
    String app = api.create("apps", "{'name':'app'}");
    for (int i = 0; i < 3; i++) {
      String fn = api.create("fns", "{'app_id':'" + app + "','name':'f" + i + "','image':'i'}");
      api.create("triggers", trigger(app, fn, "same", "/same" + i, "'annotations':{}"));
    }

    String all = "/v2/triggers?app_id=" + app;
    String first = api.next(all + "&per_page=2");
    assertThat(api.names(all + "&per_page=2&cursor=" + first)).containsExactly("same");
    assertThat(api.next(all + "&per_page=3")).isEqualTo(Resources.cursor("same"));
    assertThat(api.names(all + "&name=same")).hasSize(3);
    assertThat(api.names(all + "&fn_id=nope")).isEmpty();
  }

  @Test
  void aLongEndpointIsShown(Resources api) {
    String app = api.create("apps", "{'name':'app'}");
    String fn = api.create("fns", fn(app));
    // 256 characters, and beyond the 512 bytes that other annotations may have.
    String source = "/" + "\u00e9".repeat(255);
    String id = api.create("triggers", trigger(app, fn, "name", source, "'annotations':{}"));

    JsonNode read = api.get("/v2/triggers/" + id);
    assertThat(read.get("annotations").get(ENDPOINT).asText()).endsWith("/t/app" + source);
    // As clients do that change one member of what they have read.
    assertThat(api.put("/v2/triggers/" + id, read.toString()).get("source").asText())
        .isEqualTo(source);
  }

  @Test
  void limitsImagesAndSources(Resources api) {
    String app = api.create("apps", "{'name':'app'}");
    String most = "\ud83d\ude00".repeat(255);
    String fn = api.create("fns", "{'app_id':'" + app + "','name':'fn','image':'i" + most + "'}");
    String trigger =
        api.create("triggers", trigger(app, fn, "name", "/" + most, "'annotations':{}"));
    String image = "Fn image must be 256 characters or less";
    String source = "Trigger source must be 256 characters or less";
    String tooLong = "/" + "x".repeat(256);

    api.refused(
        "POST",
        "/v2/fns",
        "{\"app_id\":\"" + app + "\",\"name\":\"b\",\"image\":\"" + tooLong + "\"}",
        400,
        image);
    api.refused("PUT", "/v2/fns/" + fn, "{\"image\":\"" + tooLong + "\"}", 400, image);
    api.refused(
        "POST", "/v2/triggers", trigger(app, fn, "b", tooLong, "'annotations':{}"), 400, source);
    api.refused("PUT", "/v2/triggers/" + trigger, "{\"source\":\"" + tooLong + "\"}", 400, source);
    assertThat(api.put("/v2/fns/" + fn, "{'memory':256}").get("memory").asInt()).isEqualTo(256);
  }

  @Test
  void findsTriggersBySourceForLoadBalancers(Resources api) {
    String app = api.create("apps", "{'name':'app'}");
    String fn = api.create("fns", fn(app));
    String id = api.create("triggers", trigger(app, fn, "name", "/src3", "'annotations':{}"));
    String root = api.create("triggers", trigger(app, fn, "root", "/", "'annotations':{}"));
    String base = "/v2/runner/apps/" + app + "/triggerBySource/";

    JsonNode found = api.get(base + "http//src3");
    assertThat(found.get("id").asText()).isEqualTo(id);
    assertThat(found.has("annotations")).isFalse();
    assertThat(api.get(base + "http/%2Fsrc3").get("id").asText()).isEqualTo(id);
    assertThat(api.get(base + "http//").get("id").asText()).isEqualTo(root);
    api.refused("GET", base + "http/src3", "", 404, "Trigger not found");
    api.refused("GET", base + "http/", "", 404, "Trigger not found");
    api.refused("GET", base + "other//src3", "", 404, "Trigger not found");
    api.refused(
        "GET", "/v2/runner/apps/x/triggerBySource/http//src3", "", 404, "Trigger not found");
  }

  @Test
  void checksWhatATriggerBelongsTo(Resources api) {
    String app = api.create("apps", "{'name':'app'}");
    String other = api.create("apps", "{'name':'other'}");
    String fn = api.create("fns", fn(app));
    api.create("triggers", trigger(app, fn, "trigger", "/src", "'annotations':{}"));

    String path = "/v2/triggers";
    String none = "'annotations':{}";
    api.refused("POST", path, trigger("nope", fn, "t", "/t", none), 404, "App not found");
    api.refused("POST", path, trigger(app, "nope", "t", "/t", none), 404, "Fn not found");
    api.refused(
        "POST",
        path,
        trigger(other, fn, "t", "/t", none),
        400,
        "Invalid Fn ID - not owned by specified app");
    api.refused(
        "POST",
        path,
        trigger(app, fn, "trigger", "/src", none),
        409,
        "Trigger with the same type and source exists on this app");
    api.refused(
        "POST", path, trigger(app, fn, "trigger", "/t", none), 409, "Trigger already exists");
  }

  @Test
  void listsTriggersByAppFnAndName(Resources api) {
    String app1 = api.create("apps", "{'name':'app1'}");
    String app2 = api.create("apps", "{'name':'app2'}");
    String fn1 = api.create("fns", fn(app1));
    String fn2 = api.create("fns", fn(app1).replace("'fn'", "'fn2'"));
    String fn3 = api.create("fns", fn(app2));
    for (int i = 1; i <= 3; i++) {
      api.create("triggers", trigger(app1, fn1, "trigger" + i, "/" + i, "'annotations':{}"));
    }
    api.create("triggers", trigger(app1, fn2, "trigger4", "/4", "'annotations':{}"));
    api.create("triggers", trigger(app2, fn3, "trigger5", "/5", "'annotations':{}"));

    String all = "/v2/triggers?app_id=" + app1;
    assertThat(api.names(all)).containsExactly("trigger1", "trigger2", "trigger3", "trigger4");
    assertThat(api.next(all)).isEmpty();
    assertThat(api.names("/v2/triggers?app_id=" + app2)).containsExactly("trigger5");
    assertThat(api.names("/v2/triggers?app_id=nope")).isEmpty();
    assertThat(api.names(all + "&name=trigger1")).containsExactly("trigger1");
    assertThat(api.names(all + "&name=trigger1&fn_id=" + fn2)).isEmpty();
    String ofFn = all + "&fn_id=" + fn1;
    assertThat(api.names(ofFn + "&per_page")).containsExactly("trigger1", "trigger2", "trigger3");
    assertThat(api.next(ofFn)).isEmpty();
    String cursor = "";
    for (int i = 1; i <= 3; i++) {
      String page = ofFn + "&per_page=1&cursor=" + cursor;
      assertThat(api.names(page)).containsExactly("trigger" + i);
      cursor = api.next(page);
      assertThat(cursor).isEqualTo(Resources.cursor("trigger" + i));
    }
    assertThat(api.names(ofFn + "&per_page=1&cursor=" + cursor)).isEmpty();
    assertThat(api.names(ofFn + "&per_page=100&cursor=" + Resources.cursor("trigger2")))
        .containsExactly("trigger3");
  }

  @Test
  void deletesATriggerOnce(Resources api) {
    String app = api.create("apps", "{'name':'app'}");
    String fn = api.create("fns", fn(app));
    String id = api.create("triggers", trigger(app, fn, "trigger", "/src", "'annotations':{}"));

    api.refused("DELETE", "/v2/triggers/notexist", "", 404, "Trigger not found");
    api.delete("/v2/triggers/" + id, "Trigger not found");
  }

  private static String fn(String app) {
    return "{'app_id':'%s','name':'fn','image':'img'}".formatted(app);
  }

  private static String trigger(String app, String fn, String name, String source, String more) {
    return "{'app_id':'%s','fn_id':'%s','name':'%s','source':'%s','type':'http','id':'',%s}"
        .formatted(app, fn, name, source, more);
  }
}
