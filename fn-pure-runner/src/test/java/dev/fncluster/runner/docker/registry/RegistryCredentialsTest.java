package dev.fncluster.runner.docker.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.settings.SettingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RegistryCredentialsTest {
  private static final List<String> ADDRESSES =
      List.of(
          "https://my.registry.com",
          "https://my.registry.com:5000",
          "https://index.docker.io/v2/",
          "rawregistry.com");

  private static String auth(String user, String password) {
    return Base64.getEncoder()
        .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  private static RegistryCredentials known() {
    StringBuilder json = new StringBuilder("{\"auths\":{");
    String separator = "";
    for (String address : ADDRESSES) {
      json.append(separator)
          .append('"')
          .append(address)
          .append("\":{\"auth\":\"")
          .append(auth("user", "pass:word"))
          .append("\"}");
      separator = ",";
    }
    return RegistryCredentials.parse(json.append("}}").toString());
  }

  @ParameterizedTest
  @CsvSource({
    "'', https://index.docker.io/v2/",
    "docker.io, https://index.docker.io/v2/",
    "index.docker.io, https://index.docker.io/v2/",
    "localhost, ''",
    "registry.com, https://my.registry.com",
    "my.registry.com, https://my.registry.com",
    "registry.com:5000, https://my.registry.com:5000",
    "my.registry.com:5000, https://my.registry.com:5000",
    "rawregistry.com, rawregistry.com",
    "other.com, ''",
  })
  void findsTheEntryOfARegistry(String registry, String address) {
    Credentials found = known().of(registry);
    assertThat(found.address()).isEqualTo(address);
    if (address.isEmpty()) {
      assertThat(found).isEqualTo(Credentials.NONE);
    } else {
      assertThat(found.username()).isEqualTo("user");
      assertThat(found.password()).isEqualTo("pass:word");
    }
  }

  @Test
  void anEntryOfTheVeryHostGoesFirst() {
    String json =
        "{\"a.example.com\":{\"auth\":\"%s\"},\"example.com\":{\"auth\":\"%s\"}}"
            .formatted(auth("sub", "1"), auth("top", "2"));
    assertThat(RegistryCredentials.parse(json).of("example.com").username()).isEqualTo("top");
    assertThat(RegistryCredentials.parse(json).of("a.example.com").username()).isEqualTo("sub");
  }

  @Test
  void tokensStandForThePassword() {
    String json =
        "{\"one.com\":{\"auth\":\"%s\",\"identitytoken\":\"idt\"},\"two.com\":{\"registrytoken\":\"reg\"},"
                .formatted(auth("<token>", "x"))
            + "\"three.com\":{},\"note\":\"text\"}";
    RegistryCredentials known = RegistryCredentials.parse(json);
    assertThat(known.of("one.com")).isEqualTo(new Credentials("one.com", "<token>", "", "idt", ""));
    assertThat(known.of("two.com")).isEqualTo(new Credentials("two.com", "", "", "", "reg"));
    assertThat(known.of("three.com")).isEqualTo(Credentials.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "google.com, google.com",
    "top.google.com, top.google.com google.com",
    "top.google.com:443, top.google.com:443 google.com:443",
    "a.b.c.com, a.b.c.com b.c.com c.com",
    "docker, docker",
    "'', ''",
  })
  void parentDomains(String host, String expected) {
    assertThat(String.join(" ", RegistryHosts.withParents(host))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"'[]'", "'{\"auths\"'", "'{\"h.com\":{\"auth\":\"not base 64!\"}}'", "'null'"})
  void whatIsNoConfigurationIsRefusedWithoutRepeatingIt(String json) {
    assertThatThrownBy(() -> RegistryCredentials.parse(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("not base 64!");
  }

  @Test
  void secretsAreNotPrinted() {
    assertThat(known().of("rawregistry.com").toString()).doesNotContain("pass");
  }

  @TempDir Path home;

  @Test
  void whatIsGivenGoesBeforeFiles() throws IOException {
    Path folder = Files.createDirectories(home.resolve("config"));
    Files.writeString(folder.resolve("config.json"), file("from-config"));
    Path inHome = Files.createDirectories(home.resolve(".docker"));
    Files.writeString(home.resolve(".dockercfg"), file("from-old"));
    assertThat(user(Optional.empty(), Optional.empty())).isEqualTo("from-old");
    Files.writeString(inHome.resolve("config.json"), file("from-home"));
    assertThat(user(Optional.empty(), Optional.empty())).isEqualTo("from-home");
    assertThat(user(Optional.empty(), Optional.of(folder.toString()))).isEqualTo("from-config");
    assertThat(user(Optional.of(file("given")), Optional.of(folder.toString()))).isEqualTo("given");
  }

  @Test
  void aBrokenFileIsLeftAloneAndABrokenSettingIsNot() throws IOException {
    Files.writeString(home.resolve(".dockercfg"), "{nonsense");
    assertThat(user(Optional.empty(), Optional.empty())).isEmpty();
    assertThatThrownBy(() -> user(Optional.of("{secret"), Optional.empty()))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_DOCKER_AUTH")
        .hasMessageNotContaining("secret");
  }

  private String user(Optional<String> given, Optional<String> dockerConfig) {
    return CredentialSource.find(given, dockerConfig, Optional.of(home.toString()))
        .of("host.com")
        .username();
  }

  private static String file(String user) {
    return "{\"host.com\":{\"auth\":\"" + auth(user, "p") + "\"}}";
  }
}
