package dev.fncluster.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.node.NodeSettings;
import dev.fncluster.api.settings.KnownSettings;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever a node is told in secret, it does not show: at /debug/settings, or with a flag. */
final class SecretSettingsTest {
  private static final KnownSettings KNOWN = known();
  private static final Pattern SOUNDS_SECRET =
      Pattern.compile(".*(TOKEN|PASSWORD|SECRET|CREDENTIALS?|DB_URL|DOCKER_AUTH|_KEY)$");

  private static KnownSettings known() {
    List<Setting<?>> all = new ArrayList<>(ServerMain.settings());
    all.addAll(NodeSettings.all());
    return KnownSettings.of(all);
  }

  @Provide
  Arbitrary<Setting<?>> secrets() {
    return Arbitraries.of(KNOWN.all().stream().filter(Setting::isSecret).toList());
  }

  @Provide
  Arbitrary<Setting<?>> texts() {
    return Arbitraries.of(
        KNOWN.all().stream()
            .filter(
                each -> each.defaultValue() instanceof String || each.allowed().contains("list"))
            .filter(each -> each.allowed().startsWith("a text") || each.allowed().contains("list"))
            .toList());
  }

  @Provide
  Arbitrary<String> passwords() {
    return Arbitraries.strings()
        .withCharRange('!', '~')
        .withChars("äßλ漢\u00a0")
        .excludeChars('"', '*')
        .ofMinLength(6)
        .ofMaxLength(40)
        // So that it is found whatever is done to it but hiding.
        .map(text -> "k3y" + text + "k3y");
  }

  @Property(tries = 300)
  void secretsAreMasked(@ForAll("secrets") Setting<?> setting, @ForAll("passwords") String secret) {
    String shown = KNOWN.print(Settings.of(Map.of(setting.name(), secret)));

    assertThat(shown).contains(setting.name() + "=***\n").doesNotContain("k3y");
  }

  @Property(tries = 50)
  void secretsFromFilesAreMaskedToo(
      @ForAll("secrets") Setting<?> setting, @ForAll("passwords") String secret)
      throws IOException {
    Path file = Files.createTempFile("fn-secret", "");
    try {
      Files.writeString(file, secret + "\n");
      Settings settings = Settings.of(Map.of(setting.name() + "_FILE", file.toString()));

      assertThat(KNOWN.print(settings)).contains(setting.name() + "=***\n").doesNotContain("k3y");
      assertThat(KNOWN.warnings(settings)).isEmpty();
    } finally {
      Files.delete(file);
    }
  }

  @Property(tries = 300)
  void passwordsInAddressesAreMaskedInEverySetting(
      @ForAll("texts") Setting<?> setting, @ForAll("passwords") String secret) {
    for (String address :
        List.of(
            "http://user:" + secret + "@host:1/path",
            "https://" + secret + "@host",
            "https://host/path?first=1&access_token=" + secret.replace("&", "") + "&last=2",
            "a.example,http://user:" + secret + "@host:1")) {
      Settings settings = Settings.of(Map.of(setting.name(), address));
      try {
        assertThat(KNOWN.print(settings)).as(address).doesNotContain("k3y");
      } catch (SettingException refused) {
        assertThat(refused).as(address).message().doesNotContain("k3y");
      }
    }
  }

  @Example
  void whatIsWrongIsNotShownEither() {
    assertThatThrownBy(() -> KNOWN.print(Settings.of(Map.of("FN_PORT", "http://u:k3y@host"))))
        .isInstanceOf(SettingException.class)
        .message()
        .contains("FN_PORT is \"http://***@host\"");
  }

  @Example
  void whatIsNoSecretOfAnAddressIsShown() {
    String shown =
        KNOWN.print(
            Settings.of(
                Map.of(
                    "FN_RUNNER_API_URL", "http://a.test:1,https://b.test",
                    "FN_OTLP_ENDPOINT", "https://me:k3y@c.test/v1?api_key=k3y&b=1",
                    "FN_LOG_DEST", "udp://logs:514",
                    "DOCKER_HOST", "unix:///var/run/docker.sock")));

    assertThat(shown)
        .contains(
            "FN_RUNNER_API_URL=http://a.test:1,https://b.test\n",
            "FN_OTLP_ENDPOINT=https://***@c.test/v1?api_key=***&b=1\n",
            "FN_LOG_DEST=udp://logs:514\n",
            "DOCKER_HOST=unix:///var/run/docker.sock\n");
  }

  @Example
  void whatSoundsSecretIsDeclaredSo() {
    assertThat(KNOWN.all())
        .filteredOn(each -> SOUNDS_SECRET.matcher(each.name()).matches())
        .hasSizeGreaterThanOrEqualTo(3)
        .allMatch(Setting::isSecret);
  }
}
