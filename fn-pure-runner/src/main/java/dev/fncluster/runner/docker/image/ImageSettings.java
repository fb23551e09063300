package dev.fncluster.runner.docker.image;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.docker.registry.CredentialSource;
import dev.fncluster.runner.docker.registry.RegistryCredentials;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a runner treats images.
 *
 * @param credentials for the registries that they come from
 * @param loadFile a tarball of images to load at start; empty for none
 * @param allowVolumes whether images may declare volumes
 * @param cleanAbove bytes of all images above which those that nobody uses are removed; 0 for never
 * @param exemptTags images that are never removed
 * @param retry when a pull is tried again
 */
public record ImageSettings(
    RegistryCredentials credentials,
    Optional<String> loadFile,
    boolean allowVolumes,
    long cleanAbove,
    Set<String> exemptTags,
    PullRetry retry) {
  static final Setting<Optional<String>> FN_DOCKER_AUTH =
      Setting.optionalText(
              "FN_DOCKER_AUTH",
              "Registry credentials, as JSON like the Docker client's config.json; when not set,"
                  + " they are read from that file.")
          .secret();
  static final Setting<Optional<String>> DOCKER_CONFIG =
      Setting.optionalText("DOCKER_CONFIG", "The folder of the Docker client's config.json.");
  static final Setting<Optional<String>> HOME =
      Setting.optionalText(
          "HOME", "Where .docker/config.json and .dockercfg are looked for otherwise.");
  static final Setting<Optional<String>> FN_DOCKER_LOAD_FILE =
      Setting.optionalText("FN_DOCKER_LOAD_FILE", "A tarball of images to load at start.");
  static final Setting<Boolean> FN_IMAGE_ENABLE_VOLUME =
      Setting.bool("FN_IMAGE_ENABLE_VOLUME", false, "Allow images that declare volumes.");
  static final Setting<Long> FN_IMAGE_CLEAN_MAX_SIZE =
      Setting.number(
              "FN_IMAGE_CLEAN_MAX_SIZE",
              0,
              0,
              "Bytes of all images of the engine above which those that no container uses are removed,"
                  + " the last used ones last; 0: never.")
          .emptyIsDefault();
  static final Setting<List<String>> FN_IMAGE_CLEAN_EXEMPT_TAGS =
      Setting.list(
          "FN_IMAGE_CLEAN_EXEMPT_TAGS",
          "\\s+",
          "Images, as name:tag, that are never removed and not counted.");
  static final Setting<Integer> FN_IMAGE_PULL_RETRIES =
      Setting.integer(
          "FN_IMAGE_PULL_RETRIES",
          2,
          0,
          100,
          "How often a pull is tried again when the registry has too much to do or can't be"
              + " reached.");

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    return List.of(
        FN_DOCKER_AUTH,
        DOCKER_CONFIG,
        HOME,
        FN_DOCKER_LOAD_FILE,
        FN_IMAGE_ENABLE_VOLUME,
        FN_IMAGE_CLEAN_MAX_SIZE,
        FN_IMAGE_CLEAN_EXEMPT_TAGS,
        FN_IMAGE_PULL_RETRIES);
  }

  /**
   * Reads them, and the credentials from where they are.
   *
   * @throws dev.fncluster.api.settings.SettingException when one is wrong
   */
  public static ImageSettings from(Settings s) {
    return new ImageSettings(
        CredentialSource.find(s.get(FN_DOCKER_AUTH), s.get(DOCKER_CONFIG), s.get(HOME)),
        s.get(FN_DOCKER_LOAD_FILE),
        s.get(FN_IMAGE_ENABLE_VOLUME),
        s.get(FN_IMAGE_CLEAN_MAX_SIZE),
        Set.copyOf(s.get(FN_IMAGE_CLEAN_EXEMPT_TAGS)),
        PullRetry.usual(s.get(FN_IMAGE_PULL_RETRIES)));
  }
}
