package dev.fncluster.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallJsonTest {
  private static final Instant ARRIVED = Instant.parse("2026-11-24T02:58:25.952Z");

  @Test
  void writesWhatOtherImplementationsWrite() {
    Call call =
        new Call()
            .id("01M85QV210R00040GZJ0000001")
            .status("running")
            .image("img")
            .url("http://lb.example/invoke/fnid?x=1")
            .method("POST")
            .timeout(2)
            .idleTimeout(3)
            .memory(64)
            .config(
                Map.of(
                    "A",
                    "1",
                    "B",
                    "2",
                    "FN_APP_ID",
                    "appid",
                    "FN_FN_ID",
                    "fnid",
                    "FN_MEMORY",
                    "64",
                    "FN_TYPE",
                    "sync"))
            .headers(
                new Headers().add("content-length", "5").add("Content-Type", "application/json"))
            .createdAt(ARRIVED)
            .startedAt(ARRIVED)
            .appId("appid")
            .appName("myapp")
            .fnId("fnid");

    assertThat(CallJson.write(call))
        .isEqualTo(
            """
            {"id":"01M85QV210R00040GZJ0000001","status":"running","image":"img","type":"sync",\
            "url":"http://lb.example/invoke/fnid?x=1","method":"POST","timeout":2,\
            "idle_timeout":3,"memory":64,"config":{"A":"1","B":"2","FN_APP_ID":"appid",\
            "FN_FN_ID":"fnid","FN_MEMORY":"64","FN_TYPE":"sync"},"headers":{"Content-Length":\
            ["5"],"Content-Type":["application/json"]},"completed_at":"0001-01-01T00:00:00.000Z",\
            "created_at":"2026-11-24T02:58:25.952Z","started_at":"2026-11-24T02:58:25.952Z",\
            "app_id":"appid","app_name":"myapp","trigger_id":"","fn_id":"fnid"}\
            """);
  }

  @Test
  void writesSharedFieldsAsItWouldWriteThemForThisCallAlone() {
    for (Call alone : List.of(FullCalls.full(), FullCalls.small(), new Call())) {
      String json = CallJson.write(alone);
      SharedFields shared = SharedFields.of(alone);

      assertThat(CallJson.write(FullCalls.ownFields(alone, shared.newCall()))).isEqualTo(json);
      assertThat(CallJson.write(FullCalls.ownFields(alone, shared.newCall()).copy()))
          .isEqualTo(json);
    }
  }

  @Test
  void writesWhatWasSetOverSharedFields() {
    List<UnaryOperator<Call>> changes =
        List.of(
            call -> call.image("other"),
            call -> call.timeout(9),
            call -> call.idleTimeout(9),
            call -> call.tmpfsSize(9),
            call -> call.memory(9),
            call -> call.cpus(9),
            call -> call.config(Map.of("C", "3")),
            call -> call.annotations(Map.of()),
            call -> call.syslogUrl(""),
            call -> call.appId("other"),
            call -> call.appName("other"),
            call -> call.fnId("other"));
    SharedFields shared = SharedFields.of(FullCalls.full());
    for (UnaryOperator<Call> change : changes) {
      assertThat(CallJson.write(change.apply(shared.newCall())))
          .isNotEqualTo(CallJson.write(shared.newCall()))
          .isEqualTo(
              CallJson.write(FullCalls.ownFields(new Call(), change.apply(FullCalls.full()))));
    }
  }

  @Test
  void writesHeadersInTheOrderOfTheirNamesAndTheValuesOfEachInTheirOwn() {
    Call call =
        new Call()
            .headers(
                new Headers()
                    .add("X-B", "3")
                    .add("Accept", "1")
                    .add("X-A", "z")
                    .add("X-B", "2")
                    .add("x-a", "y")
                    .add("X-B", "1"));
    assertThat(CallJson.write(call))
        .contains(
            "\"headers\":{\"Accept\":[\"1\"],\"X-A\":[\"z\",\"y\"],\"X-B\":[\"3\",\"2\",\"1\"]}");
  }

  @Test
  void readsWhatItWrites() {
    Call call =
        new Call()
            .id("x")
            .type(CallType.DETACHED)
            .memory(-1)
            .cpus(250)
            .tmpfsSize(7)
            .syslogUrl("tcp://h:1")
            .annotations(Map.of("k", "{\"b\":1.50,\"a\":\"<x>\"}"))
            .headers(new Headers().add("X-A", "1").add("X-A", "2"))
            .createdAt(ARRIVED);

    Call read = CallJson.read(CallJson.write(call));

    assertThat(read.type()).isEqualTo(CallType.DETACHED);
    assertThat(read.memory()).isEqualTo(-1);
    assertThat(read.cpus()).isEqualTo(250);
    assertThat(read.annotations()).isEqualTo(call.annotations());
    assertThat(read.headers().all("X-A")).containsExactly("1", "2");
    assertThat(read.createdAt()).isEqualTo(ARRIVED);
    assertThat(read.startedAt()).isNull();
    assertThat(CallJson.write(read)).isEqualTo(CallJson.write(call));
  }

  @Test
  void annotationsKeepTheirSpelling() {
    Call call = CallJson.read("{\"annotations\":{\"k\":{\"b\" : [1e2, 1.50,null],\"a\":-0.0 }}}");
    assertThat(call.annotations()).containsEntry("k", "{\"b\":[1e2,1.50,null],\"a\":-0.0}");
  }

  @Test
  void keysInAnyCaseAndUnknownOnes() {
    Call call =
        CallJson.read("{\"ID\":\"a\",\"Fn_Id\":\"f\",\"other\":{\"id\":\"b\"},\"url\":null}");
    assertThat(call.id()).isEqualTo("a");
    assertThat(call.fnId()).isEqualTo("f");
  }

  @Test
  void nullIsAnEmptyCall() {
    assertThat(CallJson.read("null").id()).isEmpty();
  }

  @Test
  void emptyDateIs1970() {
    assertThat(CallJson.read("{\"created_at\":\"\"}").createdAt()).isEqualTo(Instant.EPOCH);
  }

  @Test
  void saysWhereTheJsonIsWrong() {
    assertThatThrownBy(() -> CallJson.read("{\"id\":\"1\","))
        .hasMessageStartingWith("call is no valid JSON: Unexpected end-of-input")
        .hasMessageNotContaining("Source")
        .hasMessageEndingWith(", line 1, column 11");
    assertThatThrownBy(() -> CallJson.read("{\n\"id\":nonsense}"))
        .hasMessageStartingWith("call is no valid JSON: Unrecognized token 'nonsense'")
        .hasMessageNotContaining("\n")
        .hasMessageEndingWith(", line 2, column 6");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "\"x\"",
        "{\"cpus\":5}",
        "{\"cpus\":\"1025\"}",
        "{\"created_at\":5}",
        "{\"timeout\":\"5\"}",
        "{\"timeout\":9999999999}",
        "{\"memory\":-1}",
        "{\"headers\":{\"A\":\"b\"}}"
      })
  void refusesWrongJson(String text) {
    assertThatThrownBy(() -> CallJson.read(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
