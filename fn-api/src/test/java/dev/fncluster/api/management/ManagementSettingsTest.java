package dev.fncluster.api.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ManagementSettingsTest {
  @Test
  void dropsOneSlashAtTheEndOfThePublicUrl() {
    assertThat(read("http://x/some/").publicUrl()).contains("http://x/some");
    assertThat(read("http://my_lb:8081").publicUrl()).contains("http://my_lb:8081");
    assertThat(read("").publicUrl()).isEmpty();
    assertThat(ManagementSettings.from(Settings.of(Map.of())).publicUrl()).isEmpty();
  }

  @Test
  void needsAWholeUrl() {
    for (String wrong : new String[] {"lb:8081", "lb", "/x", "http://a b"}) {
      assertThatThrownBy(() -> read(wrong))
          .as(wrong)
          .isInstanceOf(SettingException.class)
          .hasMessageContaining("FN_PUBLIC_LB_URL is \"" + wrong + "\"");
    }
  }

  private static ManagementSettings read(String url) {
    return ManagementSettings.from(Settings.of(Map.of("FN_PUBLIC_LB_URL", url)));
  }
}
