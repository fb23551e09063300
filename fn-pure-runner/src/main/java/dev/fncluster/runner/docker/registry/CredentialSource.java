package dev.fncluster.runner.docker.registry;

import dev.fncluster.api.settings.SettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the credentials of this machine. Reads files; stateless. */
public final class CredentialSource {
  private static final Logger log = LoggerFactory.getLogger(CredentialSource.class);

  private CredentialSource() {}

  /**
   * The credentials that are given, else those in the first file of the Docker client that is
   * there.
   *
   * @param given {@code FN_DOCKER_AUTH}
   * @param dockerConfig {@code DOCKER_CONFIG}, a folder
   * @param home of the user
   * @throws SettingException when what is given can't be read; a file that can't be read is only
   *     warned about, for it may be meant for another program
   */
  public static RegistryCredentials find(
      Optional<String> given, Optional<String> dockerConfig, Optional<String> home) {
    if (given.isPresent() && !given.get().isBlank()) {
      try {
        return RegistryCredentials.parse(given.get());
      } catch (IllegalArgumentException e) {
        throw new SettingException(
            "FN_DOCKER_AUTH holds no registry credentials: " + e.getMessage());
      }
    }
    for (Path file : files(dockerConfig, home)) {
      if (Files.isReadable(file)) {
        return read(file);
      }
    }
    log.info("No registry credentials: images are pulled anonymously");
    return RegistryCredentials.NONE;
  }

  private static List<Path> files(Optional<String> dockerConfig, Optional<String> home) {
    List<Path> files = new ArrayList<>();
    dockerConfig.ifPresent(folder -> files.add(Path.of(folder, "config.json")));
    home.ifPresent(folder -> {
      files.add(Path.of(folder, ".docker", "config.json"));
      files.add(Path.of(folder, ".dockercfg"));
    });
    return files;
  }

  private static RegistryCredentials read(Path file) {
    try {
      RegistryCredentials found = RegistryCredentials.parse(Files.readString(file));
      log.atInfo()
          .addKeyValue("file", file)
          .addKeyValue("hosts", found.size())
          .log("Registry credentials read");
      return found;
    } catch (IOException | IllegalArgumentException e) {
      log.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("reason", e.getMessage())
          .log("No registry credentials could be read: images are pulled anonymously");
      return RegistryCredentials.NONE;
    }
  }
}
