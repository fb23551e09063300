package dev.fncluster.api.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NodeSettingsTest {
  private static NodeSettings watching(String commands) {
    return NodeSettings.from(Settings.of(Map.of("FN_PROCESS_COLLECTOR_LIST", commands)));
  }

  @Test
  void otherProcesses() {
    assertThat(watching("").watchedProcesses()).isEmpty();
    assertThat(watching(" dockerd  runc dockerd ").watchedProcesses())
        .containsExactly("dockerd", "runc");
  }

  /** Their metrics would have the same names, and none could be scraped. */
  @ParameterizedTest
  @CsvSource({"a-b a_b,a_b,a_b_process_,a-b", "dockerd fn,fn,fn_process_,this node"})
  void noTwoProcessesOfTheSameNames(String commands, String wrong, String names, String other) {
    assertThatThrownBy(() -> watching(commands))
        .isInstanceOf(SettingException.class)
        .hasMessage(
            "FN_PROCESS_COLLECTOR_LIST has \"%s\", whose metrics would be called %s… as those of %s",
            wrong, names, other);
  }
}
