package dev.fncluster.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SlotHashTest {
  @Test
  void emptyCall() {
    assertThat(SlotHash.hex(new Call(), Map.of(), ""))
        .isEqualTo("eb142b0cae0baa72a767ebc0823d1be94e14c5bfc52d8e417fc4302fceb6240c");
  }

  @Test
  void driverExtension() {
    assertThat(SlotHash.hex(new Call(), Map.of(), "x"))
        .isEqualTo("92d635afc0f47f2198f760b9089ebf9cde4ec979b25ecae352a7dc6f92997746");
  }

  @Test
  void ordinaryCall() {
    Call call =
        new Call().appId("app").fnId("fn").image("img:1").timeout(30).idleTimeout(30).memory(128);
    call.config(
        Map.of("FN_MEMORY", "128", "FN_TYPE", "sync", "FN_FN_ID", "fn", "FN_APP_ID", "app"));
    assertThat(SlotHash.hex(call, call.configWith(SlotHash.CONTAINER_CONFIG), ""))
        .isEqualTo("94d36b6cfea3d8ab7000dd53639c9c87596fe5381f9098aacabc70d84558b253");
  }

  @Test
  void everyField() {
    Call call =
        new Call()
            .appId("app")
            .syslogUrl("tcp://h:1")
            .fnId("fn")
            .image("img:1")
            .timeout(30)
            .idleTimeout(60)
            .tmpfsSize(7)
            .memory(128)
            .cpus(250)
            .annotations(Map.of("k", "{\"a\":\"x\",\"b\":1}", "a2", "\"v\""));
    assertThat(SlotHash.hex(call, Map.of("a", "1", "b", "2"), "ext"))
        .isEqualTo("fe19fd83e1707cdb475f67d00e1211d5d2bd02936db10efc304e6aa0850aa5dd");
  }
}
