package dev.fncluster.systemtests.conformance;

import java.util.Arrays;
import java.util.List;

/**
 * What the {@code fn} command line sends, command by command, and what it reads of the answers. A
 * row is a request:
 *
 * <pre>
 *   command | method | target | body | status | what is read | what is kept
 * </pre>
 *
 * <p>A row without a command belongs to the one before. {@code LIST} is a {@code GET} of all pages.
 * {@code {app/id}} is a member of what was kept as {@code app}; {@code @app {…}} is all of that
 * with some members replaced, as the program sends objects back that it has read. {@code ZERO} is
 * the date it sends for none. What is read is a pointer to a member that must be there, with {@code
 * =} to one of that value, with {@code !} to none; {@code names} means that one of the items has
 * that name.
 */
enum CliStory {
  APPS(
      """
      create app              | POST | /v2/apps | {'created_at':'ZERO','name':'{A}','updated_at':'ZERO'} | 200 | /name={A}
      create app, all flags   | POST | /v2/apps | {'annotations':{'k':['v']},'config':{'K':'V'},'created_at':'ZERO','name':'{A}-2','shape':'GENERIC_X86','syslog_url':'tcp://h:1','updated_at':'ZERO'} | 200 | /name={A}-2; /annotations/k/0=v; /config/K=V; /shape=GENERIC_X86; /syslog_url=tcp://h:1
      create app, taken       | POST | /v2/apps | {'created_at':'ZERO','name':'{A}','updated_at':'ZERO'} | 409 | /message=App already exists
      create app, bad name    | POST | /v2/apps | {'created_at':'ZERO','name':'a.b','updated_at':'ZERO'} | 400 | /message=Invalid app name
      list apps               | LIST | /v2/apps | | 200 | names={A}; names={A}-2; /items/0/id
      inspect app             | GET  | /v2/apps?name={A} | | 200 | /items/0/name={A}; /items/0/id; /items/0/created_at; /items/0/updated_at | app=/items/0
      inspect app, unknown    | GET  | /v2/apps?name={A}-no | | 200 | /items/0!
      update app              | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | PUT  | /v2/apps/{app/id} | @app {'annotations':{'k':'v'},'config':{'K':'1','L':'2'},'syslog_url':'udp://h:2'} | 200 | /config/K=1; /config/L=2; /annotations/k=v; /syslog_url=udp://h:2
      config app              | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | PUT  | /v2/apps/{app/id} | @app {'config':{'K':'V'}} | 200 | /config/K=V; /config/L=2
      get config app          | GET  | /v2/apps?name={A} | | 200 | /items/0/config/K=V
      list config app         | GET  | /v2/apps?name={A} | | 200 | /items/0/config/K=V; /items/0/config/L=2
      unset config app        | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | PUT  | /v2/apps/{app/id} | @app {'config':{'K':'V','L':''}} | 200 | /config/K=V; /config/L!
      delete app              | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | DELETE | /v2/apps/{app/id} | | 204 |
      delete app, gone        | GET  | /v2/apps?name={A} | | 200 | /items/0!
      delete app, in a race   | DELETE | /v2/apps/{app/id} | | 404 | /message=App not found
      """),

  FUNCTIONS(
      """
      create app              | POST | /v2/apps | {'created_at':'ZERO','name':'{A}','updated_at':'ZERO'} | 200 | /name={A}
      create function         | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | POST | /v2/fns | {'app_id':'{app/id}','config':{},'created_at':'ZERO','image':'{IMAGE}','name':'hello','updated_at':'ZERO'} | 200 | /name=hello; /image={IMAGE}
      create function, all flags | GET | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | POST | /v2/fns | {'annotations':{'k':1},'app_id':'{app/id}','config':{'K':'V'},'created_at':'ZERO','idle_timeout':60,'image':'{FAILING}','memory':64,'name':'fails','timeout':20,'updated_at':'ZERO'} | 200 | /name=fails; /image={FAILING}; /memory=64; /timeout=20; /idle_timeout=60; /config/K=V; /annotations/k=1
      create function, taken  | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | POST | /v2/fns | {'app_id':'{app/id}','config':{},'created_at':'ZERO','image':'{IMAGE}','name':'hello','updated_at':'ZERO'} | 409 | /message=Fn with specified name already exists
      list functions          | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | LIST | /v2/fns?app_id={app/id} | | 200 | names=hello; names=fails; /items/0/image; /items/0/id
      inspect function        | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/name=hello; /items/1! | fn=/items/0
      inspect function --endpoint | GET | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/annotations/fnproject.io~1fn~1invokeEndpoint | fn=/items/0
      update function         | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/id | fn=/items/0
                              | PUT  | /v2/fns/{fn/id} | @fn {'config':{'K':'1'},'memory':64,'timeout':20} | 200 | /memory=64; /timeout=20; /config/K=1
      config function         | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/id | fn=/items/0
                              | PUT  | /v2/fns/{fn/id} | @fn {'config':{'L':'2'}} | 200 | /config/K=1; /config/L=2
      get config function     | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/config/L=2
      list config function    | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/config/K=1; /items/0/config/L=2
      unset config function   | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/id | fn=/items/0
                              | PUT  | /v2/fns/{fn/id} | @fn {'config':{'K':'1','L':''}} | 200 | /config/K=1; /config/L!
      invoke                  | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/annotations | fn=/items/0
                              | INVOKE | {fn/annotations/fnproject.io~1fn~1invokeEndpoint} | world | 200 | =world
      invoke, failing         | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=fails | | 200 | /items/0/annotations | fn=/items/0
                              | INVOKE | {fn/annotations/fnproject.io~1fn~1invokeEndpoint} | world | 502 | /message=function failed
      delete function         | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/id | fn=/items/0
                              | DELETE | /v2/fns/{fn/id} | | 204 |
      delete function, gone   | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0!
      delete function, in a race | DELETE | /v2/fns/{fn/id} | | 404 | /message=Fn not found
      """),

  TRIGGERS(
      """
      create app              | POST | /v2/apps | {'created_at':'ZERO','name':'{A}','updated_at':'ZERO'} | 200 | /id | app=
      create function         | POST | /v2/fns | {'app_id':'{app/id}','config':{},'created_at':'ZERO','image':'{IMAGE}','name':'hello','updated_at':'ZERO'} | 200 | /name=hello
      create trigger          | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/id | fn=/items/0
                              | POST | /v2/triggers | {'app_id':'{app/id}','created_at':'ZERO','fn_id':'{fn/id}','name':'greet','source':'/greet','type':'http','updated_at':'ZERO'} | 200 | /name=greet; /annotations/fnproject.io~1trigger~1httpEndpoint
      create trigger, taken   | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/id | fn=/items/0
                              | POST | /v2/triggers | {'app_id':'{app/id}','created_at':'ZERO','fn_id':'{fn/id}','name':'greet','source':'/other','type':'http','updated_at':'ZERO'} | 409 | /message=Trigger already exists
      create trigger, bad type | GET | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/id | fn=/items/0
                              | POST | /v2/triggers | {'app_id':'{app/id}','created_at':'ZERO','fn_id':'{fn/id}','name':'t2','source':'/t2','type':'queue','updated_at':'ZERO'} | 400 | /message=Trigger Type Not Supported
      list triggers of an app | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | LIST | /v2/triggers?app_id={app/id} | | 200 | /items/0/name=greet; /items/0/id; /items/0/type=http; /items/0/source=/greet; /items/0/annotations/fnproject.io~1trigger~1httpEndpoint | trigger=/items/0
                              | GET  | /v2/fns/{trigger/fn_id} | | 200 | /name=hello
      list triggers of a function | GET | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/id | fn=/items/0
                              | LIST | /v2/triggers?app_id={app/id}&fn_id={fn/id} | | 200 | /items/0/name=greet; /items/0/annotations/fnproject.io~1trigger~1httpEndpoint
      inspect trigger         | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/id | fn=/items/0
                              | GET  | /v2/triggers?app_id={app/id}&fn_id={fn/id}&name=greet | | 200 | /items/0/name=greet; /items/0/annotations/fnproject.io~1trigger~1httpEndpoint | trigger=/items/0
      update trigger          | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/id | fn=/items/0
                              | GET  | /v2/triggers?app_id={app/id}&fn_id={fn/id}&name=greet | | 200 | /items/0/id | trigger=/items/0
                              | PUT  | /v2/triggers/{trigger/id} | @trigger {'annotations':{'k':'v'}} | 200 | /annotations/k=v; /source=/greet
      delete trigger          | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/id | fn=/items/0
                              | GET  | /v2/triggers?app_id={app/id}&fn_id={fn/id}&name=greet | | 200 | /items/0/id | trigger=/items/0
                              | DELETE | /v2/triggers/{trigger/id} | | 204 |
      delete trigger, gone    | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/id | fn=/items/0
                              | GET  | /v2/triggers?app_id={app/id}&fn_id={fn/id}&name=greet | | 200 | /items/0!
      """),

  DEPLOY(
      """
      deploy --create-app     | GET  | /v2/apps?name={A} | | 200 | /items/0!
                              | POST | /v2/apps | {'annotations':{'team':'x'},'config':{'DB':'1'},'created_at':'ZERO','name':'{A}','syslog_url':'tcp://h:1','updated_at':'ZERO'} | 200 | /id; /name={A} | app=
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0!
                              | POST | /v2/fns | {'app_id':'{app/id}','config':{},'created_at':'ZERO','image':'{IMAGE}','memory':64,'name':'hello','updated_at':'ZERO'} | 200 | /id; /name=hello | fn=
                              | GET  | /v2/triggers?app_id={app/id}&fn_id={fn/id}&name=greet | | 200 | /items/0!
                              | POST | /v2/triggers | {'app_id':'{app/id}','created_at':'ZERO','fn_id':'{fn/id}','name':'greet','source':'/greet','type':'http','updated_at':'ZERO'} | 200 | /annotations/fnproject.io~1trigger~1httpEndpoint
      deploy --create-app again | GET | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | PUT  | /v2/apps/{app/id} | @app {'annotations':{'team':'y'},'config':{'DB':'2'},'syslog_url':'tcp://h:2'} | 200 | /config/DB=2; /annotations/team=y; /syslog_url=tcp://h:2
                              | GET  | /v2/fns?app_id={app/id}&name=hello | | 200 | /items/0/id | fn=/items/0
                              | PUT  | /v2/fns/{fn/id} | {'annotations':{'k':'v'},'config':{'K':'V'},'created_at':'ZERO','id':'{fn/id}','idle_timeout':60,'image':'{FAILING}','memory':128,'timeout':20,'updated_at':'ZERO'} | 200 | /id; /name=hello; /image={FAILING}; /memory=128; /timeout=20; /idle_timeout=60; /config/K=V
                              | GET  | /v2/triggers?app_id={app/id}&fn_id={fn/id}&name=greet | | 200 | /items/0/id | trigger=/items/0
                              | PUT  | /v2/triggers/{trigger/id} | {'app_id':'{app/id}','created_at':'ZERO','fn_id':'{fn/id}','id':'{trigger/id}','name':'greet','source':'/greet','type':'http','updated_at':'ZERO'} | 200 | /name=greet; /source=/greet
      """),

  RECURSIVE_DELETION(
      """
      create app              | POST | /v2/apps | {'created_at':'ZERO','name':'{A}','updated_at':'ZERO'} | 200 | /id | app=
      create function         | POST | /v2/fns | {'app_id':'{app/id}','config':{},'created_at':'ZERO','image':'{IMAGE}','name':'hello','updated_at':'ZERO'} | 200 | /id | fn=
      create trigger          | POST | /v2/triggers | {'app_id':'{app/id}','created_at':'ZERO','fn_id':'{fn/id}','name':'greet','source':'/greet','type':'http','updated_at':'ZERO'} | 200 | /id
      delete app -r -f        | GET  | /v2/apps?name={A} | | 200 | /items/0/id | app=/items/0
                              | LIST | /v2/fns?app_id={app/id} | | 200 | /items/0/id | fn=/items/0
                              | LIST | /v2/triggers?app_id={app/id}&fn_id={fn/id} | | 200 | /items/0/id | trigger=/items/0
                              | DELETE | /v2/triggers/{trigger/id} | | 204 |
                              | DELETE | /v2/fns/{fn/id} | | 204 |
                              | DELETE | /v2/apps/{app/id} | | 204 |
      """),

  VERSION(
      """
      version                 | GET  | /version | | 200 | /version
      """);

  /** One request and what is read of its answer. */
  record Row(
      String command,
      String method,
      String target,
      String body,
      int status,
      List<String> reads,
      String keeps) {
    static Row parse(String line) {
      String[] cells = Arrays.copyOf(line.split("\\|", -1), 7);
      for (int i = 0; i < cells.length; i++) {
        cells[i] = cells[i] == null ? "" : cells[i].strip();
      }
      List<String> reads =
          Arrays.stream(cells[5].split(";")).map(String::strip).filter(r -> !r.isEmpty()).toList();
      return new Row(
          cells[0], cells[1], cells[2], cells[3], Integer.parseInt(cells[4]), reads, cells[6]);
    }
  }

  private final String table;

  CliStory(String table) {
    this.table = table;
  }

  List<Row> rows() {
    return table.lines().map(Row::parse).toList();
  }
}
