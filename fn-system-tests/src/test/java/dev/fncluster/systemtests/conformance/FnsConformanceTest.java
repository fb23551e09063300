package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fns over HTTP, by an API node with a store that is empty before each test. */
@Timeout(120)
@ExtendWith(ApiNodeExtension.class)
final class FnsConformanceTest {
  private static final String ENDPOINT = "fnproject.io/fn/invokeEndpoint";

  @Test
  void createsAFnWithDefaults(Resources api) {
    String app = api.create("apps", "{'name':'app','shape':'GENERIC_ARM'}");
    WireClient.Answer answer =
        api.post("fns", fn(app, "'timeout':null,'shape':'GENERIC_X86','config':null"));
    String id = answer.json().get("id").asText();
    String now = Resources.madeJustNow(answer.json());

    assertThat(answer.body())
        .isEqualTo(
            Resources.quoted(
                ("{'id':'%s','name':'fn','app_id':'%s','image':'img','memory':128,'timeout':30,"
                        + "'idle_timeout':30,'config':{},'annotations':{'%s':"
                        + "'http://%s/invoke/%s'},'created_at':'%s','shape':'GENERIC_ARM',"
                        + "'updated_at':'%s'}")
                    .formatted(id, app, ENDPOINT, api.host(), id, now, now)));
    assertThat(api.done("GET", "/v2/fns/" + id, "").body()).isEqualTo(answer.body());
    assertThat(api.done("GET", "/v2/fns?app_id=" + app, "").body())
        .isEqualTo("{\"items\":[" + answer.body() + "]}");
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
        "{'app_id':'a','name':'%s','image':'i'}|Fn name must be 255 characters or less",
        "{'timeout':2147483648}|Invalid JSON",
        "{'timeout':1.5}|Invalid JSON",
        "{'timeout':'5'}|Invalid JSON",
        "{'memory':-1}|Invalid JSON",
        "{'memory':18446744073709551616}|Invalid JSON",
      })
  void refusesABadNewFn(String body, String message, Resources api) {
    api.refused("POST", "/v2/fns", body.replace("%s", "7".repeat(257)), 400, message);
  }

  @Test
  void aFnNeedsItsAppAndANameOfItsOwn(Resources api) {
    String app = api.create("apps", "{'name':'app'}");
    api.create("fns", fn(app, "'memory':8192,'timeout':300,'idle_timeout':3600"));

    api.refused("POST", "/v2/fns", fn("nope", "'config':{}"), 404, "App not found");
    api.refused(
        "POST", "/v2/fns", fn(app, "'memory':1"), 409, "Fn with specified name already exists");
    for (String name :
        List.of("a.b", "a~b", "a@b", "a:b", "a+b", "a&b", "a=b", "a$b", "-", "_", ".")) {
      api.create("fns", "{'app_id':'" + app + "','image':'i','name':'" + name + "'}");
    }
    for (String name :
        List.of(
            "é",
            "a;b",
            "a,b",
            "a!b",
            "a*b",
            "a(b",
            "a?b",
            "a#b",
            "a%20b",
            "a/b",
            "a\\u0027b",
            " ")) {
      api.refused(
          "POST",
          "/v2/fns",
          "{\"app_id\":\"" + app + "\",\"image\":\"i\",\"name\":\"" + name + "\"}",
          400,
          "name must be a valid string");
    }
  }

  @Test
  void updatesAFn(Resources api) {
    String app = api.create("apps", "{'name':'app'}");
    String id = api.create("fns", fn(app, "'config':{'a':'1'}"));
    String other = api.create("fns", "{'app_id':'" + app + "','name':'other','image':'i'}");
    String one = "/v2/fns/" + id;
    String made = api.get(one).get("created_at").asText();

    JsonNode same =
        api.put(one, "{'name':'x','app_id':'y','shape':'z','image':'','memory':0,'timeout':0}");
    assertThat(same.get("name").asText()).isEqualTo("fn");
    assertThat(same.get("app_id").asText()).isEqualTo(app);
    assertThat(same.get("updated_at").asText()).isEqualTo(made);
    assertThat(same.has("annotations")).isFalse();
    JsonNode changed =
        api.put(one, "{'image':'new','memory':256,'timeout':1,'idle_timeout':2,'config':{'a':''}}");
    assertThat(changed.get("image").asText()).isEqualTo("new");
    assertThat(changed.get("memory").asInt()).isEqualTo(256);
    assertThat(changed.get("timeout").asInt()).isEqualTo(1);
    assertThat(changed.get("idle_timeout").asInt()).isEqualTo(2);
    assertThat(changed.get("config").toString()).isEqualTo("{}");
    assertThat(changed.get("created_at").asText()).isEqualTo(made);
    assertThat(changed.get("updated_at").asText()).isGreaterThan(made);
    JsonNode again = api.put(one, "{'config':{'k':'v'},'annotations':{'k':'v'}}");
    assertThat(again.get("image").asText()).isEqualTo("new");
    assertThat(again.get("config").toString()).isEqualTo("{\"k\":\"v\"}");
    assertThat(again.get("annotations").toString()).isEqualTo("{\"k\":\"v\"}");

    api.refused("PUT", one, "{\"timeout\":-1}", 400, "timeout value is out of range");
    api.refused("PUT", one, "{'timeout':3601}", 400, "timeout value is out of range");
    api.refused("PUT", one, "{'idle_timeout':3601}", 400, "idle_timeout value is out of range");
    api.refused("PUT", one, "{\"memory\":100000000000000}", 400, "memory value is out of range");
    api.refused("PUT", "/v2/fns/missing", "{ }", 404, "Fn not found");
    api.refused(
        "PUT",
        one,
        "{\"id\":\"" + other + "\",\"memory\":512}",
        400,
        "Fn ID in path does not match that in body");
    assertThat(api.get("/v2/fns/" + other).get("memory").asInt()).isEqualTo(128);
  }

  @Test
  void theEndpointOfAFnIsNotStored(Resources api) {
    String app = api.create("apps", "{'name':'app'}");
    String own = "'annotations':{'" + ENDPOINT + "':'mine'}";
    JsonNode created = api.post("fns", fn(app, own)).json();
    String id = created.get("id").asText();

    assertThat(created.get("annotations").get(ENDPOINT).asText()).endsWith("/invoke/" + id);
    assertThat(api.put("/v2/fns/" + id, "{}").get("annotations").get(ENDPOINT).asText())
        .isEqualTo("mine");
  }

  @Test
  void listsFnsOfAnApp(Resources api) {
    api.refused("GET", "/v2/fns", "", 400, "Missing AppID on Fn");
    assertThat(api.done("GET", "/v2/fns?app_id=nope", "").body()).isEqualTo("{\"items\":[]}");
    String app = api.create("apps", "{'name':'app'}");
    for (String name : List.of("myfunc1", "myfunc2", "myfunc3")) {
      api.create("fns", "{'app_id':'" + app + "','name':'" + name + "','image':'i'}");
    }

    String all = "/v2/fns?app_id=" + app;
    assertThat(api.names(all)).containsExactly("myfunc1", "myfunc2", "myfunc3");
    assertThat(api.next(all + "&per_page=1")).isEqualTo(Resources.cursor("myfunc1"));
    assertThat(api.names(all + "&per_page=1&cursor=" + Resources.cursor("myfunc1")))
        .containsExactly("myfunc2");
    assertThat(api.names(all + "&per_page=1&cursor=" + Resources.cursor("myfunc3"))).isEmpty();
    assertThat(api.names(all + "&per_page=100&cursor=" + Resources.cursor("myfunc3"))).isEmpty();
    api.refused("GET", all + "&cursor=!!!", "", 400, "Invalid cursor");
    assertThat(api.names(all + "&name=myfunc2")).containsExactly("myfunc2");
  }

  @Test
  void namesAreUniqueInTheirApp(Resources api) {
    String one = api.create("apps", "{'name':'one'}");
    String two = api.create("apps", "{'name':'two'}");

    api.create("fns", fn(one, "'memory':1"));
    api.create("fns", fn(two, "'memory':1"));
    api.refused("POST", "/v2/fns", fn(one, "'memory':1"), 409, "Fn with specified name");
  }

  @Test
  void deletesAFnWithItsTriggers(Resources api) {
    String app = api.create("apps", "{'name':'app'}");
    String id = api.create("fns", fn(app, "'memory':1"));
    api.create(
        "triggers",
        "{'app_id':'%s','fn_id':'%s','name':'t','type':'http','source':'/t'}".formatted(app, id));

    api.delete("/v2/fns/" + id, "Fn not found");
    assertThat(api.names("/v2/triggers?app_id=" + app)).isEmpty();
    api.refused("DELETE", "/v2/fns/missing", "", 404, "Fn not found");
  }

  private static String fn(String app, String more) {
    return "{'app_id':'%s','name':'fn','image':'img',%s}".formatted(app, more);
  }
}
