package dev.fncluster.api.settings;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** Puts settings together from a file and the environment. */
public final class SettingSources {
  private static final String FILE_SUFFIX = "_FILE";

  private SettingSources() {}

  /**
   * The settings of {@code file}, overridden by those of {@code environment}. A name in the
   * environment also hides the file's {@code <NAME>_FILE}, and the other way round.
   *
   * @param file in the form of Java properties, UTF-8
   * @throws SettingException when the file can't be read
   */
  public static Settings load(Optional<Path> file, Map<String, String> environment) {
    Map<String, String> values = new HashMap<>();
    file.ifPresent(path -> values.putAll(read(path)));
    for (String name : environment.keySet()) {
      values.remove(name + FILE_SUFFIX);
      if (name.endsWith(FILE_SUFFIX)) {
        values.remove(name.substring(0, name.length() - FILE_SUFFIX.length()));
      }
    }
    values.putAll(environment);
    return Settings.of(values);
  }

  private static Map<String, String> read(Path path) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new SettingException(
          "the settings file \""
              + path
              + "\" can't be read ("
              + e
              + "); expected NAME=value lines");
    }
    Map<String, String> values = new HashMap<>();
    for (String name : properties.stringPropertyNames()) {
      values.put(name, properties.getProperty(name));
    }
    return values;
  }
}
