package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.testing.FreePorts;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A registry of Debian's {@code docker-registry} that lets in who shows a token, and the authority
 * that signs such tokens.
 */
final class TokenRegistry implements AutoCloseable {
  private static final String ISSUER = "test-authority";
  private static final String SERVICE = "test-registry";

  private final Path folder;
  private final Process process;
  private final String host;
  private final X509Bundle authority;

  private TokenRegistry(Path folder, Process process, String host, X509Bundle authority) {
    this.folder = folder;
    this.process = process;
    this.host = host;
    this.authority = authority;
  }

  static TokenRegistry start() throws Exception {
    Path folder = Files.createTempDirectory("token-registry");
    X509Bundle authority =
        new CertificateBuilder()
            .subject("CN=" + ISSUER)
            .ecp256()
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Path certificate = folder.resolve("authority.pem");
    Files.writeString(certificate, authority.getCertificatePEM());
    String host = "127.0.0.1:" + FreePorts.next();
    Path configuration = folder.resolve("config.yml");
    Files.writeString(
        configuration,
        """
        version: 0.1
        log: {level: warn}
        storage:
          filesystem: {rootdirectory: %s}
        http: {addr: "%s", secret: test}
        auth:
          token: {realm: "http://%s/none", service: %s, issuer: %s, rootcertbundle: %s}
        """
            .formatted(folder.resolve("data"), host, host, SERVICE, ISSUER, certificate));
    Process process =
        new ProcessBuilder("docker-registry", "serve", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    TokenRegistry registry = new TokenRegistry(folder, process, host, authority);
    await().atMost(Duration.ofSeconds(60)).until(registry::asksForAToken);
    return registry;
  }

  private boolean asksForAToken() {
    assertThat(process.isAlive()).as("the registry runs").isTrue();
    try {
      HttpURLConnection asked =
          (HttpURLConnection) URI.create("http://" + host + "/v2/").toURL().openConnection();
      return asked.getResponseCode() == 401;
    } catch (IOException notYet) {
      return false;
    }
  }

  /**
   * A token that is good for a minute short of an hour.
   *
   * @param repository what it is for, without the registry's name
   * @param actions of {@code pull} and {@code push}
   */
  String token(String repository, String... actions) {
    try {
      Base64.Encoder plain = Base64.getEncoder();
      String certificate = plain.encodeToString(authority.getCertificate().getEncoded());
      long now = Instant.now().getEpochSecond();
      String signed =
          encoded("{\"typ\":\"JWT\",\"alg\":\"ES256\",\"x5c\":[\"" + certificate + "\"]}")
              + "."
              + encoded(
                  "{\"iss\":\"%s\",\"aud\":\"%s\",\"sub\":\"\",\"jti\":\"1\",\"nbf\":%d,\"exp\":%d,\"access\":[{\"type\":\"repository\",\"name\":\"%s\",\"actions\":[\"%s\"]}]}"
                      .formatted(
                          ISSUER,
                          SERVICE,
                          now - 60,
                          now + 3540,
                          repository,
                          String.join("\",\"", actions)));
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(authority.getKeyPair().getPrivate());
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + encoder().encodeToString(signature.sign());
    } catch (GeneralSecurityException failure) {
      throw new AssertionError("no token can be signed", failure);
    }
  }

  private static Base64.Encoder encoder() {
    return Base64.getUrlEncoder().withoutPadding();
  }

  private static String encoded(String json) {
    return encoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Puts an image of the engine into the registry, and removes its new name from the engine.
   *
   * @return the name of the image there
   */
  String publish(String image, String repository) throws IOException {
    String name = host + "/" + repository + ":1";
    Files.writeString(
        folder.resolve("config.json"),
        "{\"auths\":{\"%s\":{\"registrytoken\":\"%s\"}}}"
            .formatted(host, token(repository, "pull", "push")));
    Commands.run("docker", "tag", image, name);
    try {
      Commands.Result pushed =
          Commands.run(
              Duration.ofMinutes(2),
              folder,
              Map.of(),
              List.of("docker", "--config", folder.toString(), "push", "--quiet", name));
      assertThat(pushed.exitStatus()).as(pushed.output()).isZero();
    } finally {
      Commands.run("docker", "rmi", name);
    }
    return name;
  }

  @Override
  public void close() throws Exception {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    Folders.delete(folder);
  }
}
