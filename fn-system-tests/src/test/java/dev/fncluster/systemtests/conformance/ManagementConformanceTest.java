package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the management API answers over HTTP: the cases J, A, F, T and H that no test without a
 * server has.
 *
 * <p>A row is one request. Before it an app {@code {app}} of the name {@code {name}}, a fn {@code
 * {fn}} of that name, and a trigger {@code {trg}} on {@code /s} are made; {@code {new}} is a name
 * that is free. What is expected is the message of an error, or members that the answer must have,
 * of which null stands for none.
 */
@Timeout(180)
@ExtendWith(LocalClusterExtension.class)
final class ManagementConformanceTest {
  private record Objects(String name, String app, String fn, String trigger) {
    static Objects create(Resources api) {
      String name = "n" + UUID.randomUUID();
      String app = api.create("apps", "{'name':'%s','shape':'GENERIC_ARM'}".formatted(name));
      String fn =
          api.create(
              "fns",
              "{'name':'%s','app_id':'%s','image':'img','config':{'a':'1'}}".formatted(name, app));
      String trigger =
          api.create(
              "triggers",
              "{'name':'%s','app_id':'%s','fn_id':'%s','type':'http','source':'/s'}"
                  .formatted(name, app, fn));
      return new Objects(name, app, fn, trigger);
    }

    String fill(String text) {
      return text.replace("{new}", "new-" + name)
          .replace("{name}", name)
          .replace("{app}", app)
          .replace("{fn}", fn)
          .replace("{trg}", trigger);
    }
  }

  @ParameterizedTest(name = "{0}: {1} {2} {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "J1  | POST | /v2/apps | [] | 400 | Invalid JSON",
        "J1  | POST | /v2/apps | {'name':5} | 400 | Invalid JSON",
        "J1  | POST | /v2/apps | {'name':'x','config':{'A':1}} | 400 | Invalid JSON",
        "J1  | POST | /v2/apps | {'name':'x','updated_at':'junk'} | 400 | Invalid JSON",
        "J2  | POST | /v2/apps | null | 400 | Missing Name",
        "J3  | POST | /v2/apps | {'name':'{new}'} trailing garbage | 200 | {'name':'{new}'}",
        "J4  | POST | /v2/apps | {'NAME':'{new}','bogus':1} | 200 | {'name':'{new}','bogus':null}",
        "A4  | POST | /v2/apps | {'name':'{new}','shape':'FOO'} | 400 | Invalid app shape",
        "A5  | POST | /v2/apps | {'name':'{new}','syslog_url':''} | 200 | {'syslog_url':''}",
        "A6  | POST | /v2/apps | {'name':'{new}','syslog_url':'tls://x:1'} | 400 | invalid syslog url",
        "A6  | POST | /v2/apps | {'name':'{new}','syslog_url':'tcp+tls://x'} | 200 | {'name':'{new}'}",
        "A6  | POST | /v2/apps | {'name':'{new}','syslog_url':'unixgram:///x'} | 200 | {'name':'{new}'}",
        "A7  | POST | /v2/apps | {'name':'{new}','config':{'A':'1','B':''}} | 200 | {'config':{'A':'1','B':''}}",
        "A12 | PUT  | /v2/apps/{app} | {} | 200 | {'id':'{app}','name':'{name}'}",
        "A13 | PUT  | /v2/apps/nope | {'id':'other'} | 400 | App ID in path does not match ID in body",
        "A17 | PUT  | /v2/apps/{app} | {'annotations':{'':1}} | 400 | Invalid annotation key",
        "A19 | PUT  | /v2/apps/{app} | {'shape':'BAD'} | 200 | {'shape':'GENERIC_ARM'}",
        "A21 | GET  | /v2/apps?name={name} | | 200 | {'next_cursor':null}",
        "A21 | GET  | /v2/apps?name={new} | | 200 | {'items':[]}",
        "A23 | GET  | /v2/apps?cursor=!!! | | 400 | Invalid cursor",
        "A23 | GET  | /v2/apps?cursor=bDI= | | 400 | Invalid cursor",
        "A.1 | GET  | /v2/apps/{name} | | 404 | App not found",
        "F1  | POST | /v2/fns | {'id':'x'} | 400 | ID cannot be provided for Fn creation",
        "F2  | POST | /v2/fns | {'app_id':'nope','name':'n'} | 400 | Missing image on Fn",
        "F2  | POST | /v2/fns | {'app_id':'nope','name':'n','image':'i'} | 404 | App not found",
        "F5  | POST | /v2/fns | {'app_id':'{app}','name':'n','image':'i'} | 200 |"
            + " {'memory':128,'timeout':30,'idle_timeout':30,'config':{}}",
        "F6  | GET  | /v2/fns/{fn} | | 200 | {'id':'{fn}','config':{'a':'1'}}",
        "F7  | POST | /v2/fns | {'app_id':'{app}','name':'n','image':'i','shape':'GENERIC_X86'} |"
            + " 200 | {'shape':'GENERIC_ARM'}",
        "F9  | POST | /v2/fns | {'app_id':'{app}','name':'n','image':'i','timeout':0} | 200 | {'timeout':30}",
        "F9  | POST | /v2/fns | {'app_id':'{app}','name':'n','image':'i','timeout':1} | 200 | {'timeout':1}",
        "F9  | POST | /v2/fns | {'app_id':'{app}','name':'n','image':'i','timeout':300} | 200 | {'timeout':300}",
        "F9  | POST | /v2/fns | {'app_id':'{app}','name':'n','image':'i','timeout':301} | 400 | timeout value",
        "F9  | POST | /v2/fns | {'timeout':2147483648} | 400 | Invalid JSON",
        "F10 | POST | /v2/fns | {'app_id':'{app}','name':'n','image':'i','idle_timeout':0} | 200 | {'idle_timeout':30}",
        "F10 | POST | /v2/fns | {'app_id':'{app}','name':'n','image':'i','idle_timeout':1} | 200 | {'idle_timeout':1}",
        "F10 | POST | /v2/fns | {'app_id':'{app}','name':'n','image':'i','idle_timeout':-1} | 400 | idle_timeout value",
        "F11 | POST | /v2/fns | {'app_id':'{app}','name':'n','image':'i','memory':0} | 200 | {'memory':128}",
        "F11 | POST | /v2/fns | {'app_id':'{app}','name':'n','image':'i','memory':1} | 200 | {'memory':1}",
        "F11 | POST | /v2/fns | {'app_id':'{app}','name':'n','image':'i','memory':8193} | 400 | memory value",
        "F13 | GET  | /v2/fns | | 400 | Missing AppID on Fn",
        "F13 | GET  | /v2/fns?app_id=nope | | 200 | {'items':[]}",
        "F13 | GET  | /v2/fns?app_id={app}&cursor=!!! | | 400 | Invalid cursor",
        "F15 | PUT  | /v2/fns/{fn} | {} | 200 | {'id':'{fn}','annotations':null}",
        "F16 | PUT  | /v2/fns/{fn} | {'id':'other','memory':256} | 400 | Fn ID in path does not match that in body",
        "F18 | PUT  | /v2/fns/{fn} | {'name':'x','app_id':'y','shape':'z'} | 200 |"
            + " {'name':'{name}','app_id':'{app}','shape':'GENERIC_ARM'}",
        "F19 | PUT  | /v2/fns/{fn} | {'image':'','memory':0} | 200 | {'image':'img','memory':128}",
        "F19 | PUT  | /v2/fns/{fn} | {'timeout':-1} | 400 | timeout value",
        "F20 | PUT  | /v2/fns/{fn} | {'config':{'a':'','b':'2'}} | 200 | {'config':{'b':'2'}}",
        "T2  | POST | /v2/triggers | {'app_id':'{app}','fn_id':'{fn}','name':'n','type':'HTTP','source':'/n'} |"
            + " 400 | Trigger Type Not Supported",
        "T3  | POST | /v2/triggers | {'created_at':''} | 400 | Trigger Created At Provided for Create",
        "T6  | POST | /v2/triggers | {'app_id':'{app}','fn_id':'{fn}','name':'{name}','type':'http','source':'/n'} |"
            + " 409 | Trigger already exists",
        "A.3 | POST | /v2/triggers | {'app_id':'{app}','fn_id':'{fn}','name':'n','type':'http','source':'/s'} |"
            + " 409 | Trigger with the same type and source exists on this app",
        "T7  | POST | /v2/triggers | {'app_id':'{app}','fn_id':'{fn}','name':'n','type':'http','source':'/'} |"
            + " 200 | {'source':'/'}",
        "T7  | POST | /v2/triggers | {'app_id':'{app}','fn_id':'{fn}','name':'n','type':'http','source':'//dbl'} |"
            + " 200 | {'source':'//dbl'}",
        "T7  | POST | /v2/triggers | {'app_id':'{app}','fn_id':'{fn}','name':'n','type':'http','source':'/a b?c=d#e'} |"
            + " 200 | {'source':'/a b?c=d#e'}",
        "T8  | GET  | /v2/triggers?app_id=nope | | 200 | {'items':[]}",
        "T9  | PUT  | /v2/triggers/{trg} | {'name':'x','source':'/x','annotations':{'k':1}} | 200 |"
            + " {'name':'x','source':'/x','annotations':{'k':1}}",
        "T10 | PUT  | /v2/triggers/{trg} | {'source':'nolead'} | 400 | Missing Trigger Source Prefix '/'",
        "T11 | PUT  | /v2/triggers/{trg} | {'type':'foo'} | 200 | {'type':'http'}",
        "T15 | PUT  | /v2/triggers/{trg} | {'fn_id':'nope'} | 404 | Fn not found",
        "A.3 | PUT  | /v2/triggers/nope | {'id':'{trg}','name':'x'} | 400 | ID in path does not match ID in body",
        "A.3 | PUT  | /v2/triggers/{trg} | {'id':'x','name':'x} | 400 | Invalid JSON",
        "H1  | GET  | /v2/runner/apps/{app}/triggerBySource/http//s | | 200 | {'id':'{trg}','annotations':null}",
        "H2  | GET  | /v2/runner/apps/{app}/triggerBySource/http/%2Fs | | 200 | {'id':'{trg}'}",
        "H3  | GET  | /v2/runner/apps/{app}/triggerBySource/http/s | | 404 | Trigger not found",
        "H3  | GET  | /v2/runner/apps/{app}/triggerBySource/http/ | | 404 | Trigger not found",
        "H3  | GET  | /v2/runner/apps/{app}/triggerBySource/foo//s | | 404 | Trigger not found",
        "H3  | GET  | /v2/runner/apps/nope/triggerBySource/http//s | | 404 | Trigger not found",
        "H4  | GET  | /v2/runner/apps/{app}/triggerBySource/http | | 404 | Path not found"
      })
  void answersOneRequest(
      String id,
      String method,
      String target,
      String body,
      int status,
      String expected,
      LocalCluster cluster) {
    Resources api = new Resources(cluster.api());
    Objects objects = Objects.create(api);
    String filled = body == null ? "" : objects.fill(body);
    if (status != 200) {
      api.refused(method, objects.fill(target), filled, status, expected);
      return;
    }
    JsonNode answer = api.done(method, objects.fill(target), filled).json();
    Resources.json(objects.fill(expected))
        .properties()
        .forEach(member ->
            assertThat(answer.path(member.getKey()))
                .as("%s: %s", id, member.getKey())
                .isEqualTo(
                    member.getValue().isNull()
                        ? JsonNodeFactory.instance.missingNode()
                        : member.getValue()));
  }

  @Test
  void whatClientsSayOfTheTypeOfABodyDoesNotMatter(LocalCluster cluster) {
    new Resources(cluster.api())
        .done(
            "POST", "/v2/apps", "{'name':'n" + UUID.randomUUID() + "'}", "Content-Type: text/xml");
  }

  @Test
  void charactersOfMarkupAreEscaped(LocalCluster cluster) {
    WireClient.Answer answer =
        new Resources(cluster.api())
            .post("apps", "{'name':'n" + UUID.randomUUID() + "','annotations':{'k':'<&>'}}");

    assertThat(answer.body()).as("J7").contains("\"\\u003c\\u0026\\u003e\"");
    assertThat(answer.json().at("/annotations/k").asText()).isEqualTo("<&>");
  }

  @Test
  void sourcesOfAnyCharacterAreFound(LocalCluster cluster) {
    Resources api = new Resources(cluster.api());
    Objects objects = Objects.create(api);
    String body =
        "{'name':'n','app_id':'{app}','fn_id':'{fn}','type':'http','source':'/a b?c=d#e'}";
    String trigger = api.create("triggers", objects.fill(body));
    String found = objects.fill("/v2/runner/apps/{app}/triggerBySource/http//a%20b%3Fc=d%23e");

    assertThat(api.get(found).path("id").asText()).as("H5").isEqualTo(trigger);
  }

  @Test
  void whatIsDeletedIsGoneWithWhatBelongsToIt(LocalCluster cluster) {
    Resources api = new Resources(cluster.api());
    Objects one = Objects.create(api);
    Objects two = Objects.create(api);

    api.delete("/v2/fns/" + one.fn(), "Fn not found");
    api.refused("GET", "/v2/triggers/" + one.trigger(), "", 404, "Trigger not found");
    api.delete("/v2/apps/" + two.app(), "App not found");
    for (String list : new String[] {"/v2/fns?app_id=", "/v2/triggers?app_id="}) {
      assertThat(api.done("GET", list + two.app(), "").body()).isEqualTo("{\"items\":[]}");
    }
    api.delete("/v2/triggers/" + Objects.create(api).trigger(), "Trigger not found");
  }
}
