package dev.fncluster.api.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where settings come from: a map such as the environment. {@code <NAME>_FILE} names a file that
 * holds the value when {@code <NAME>} itself is absent; one trailing line break of it is dropped.
 *
 * <p>Immutable.
 */
public final class Settings {
  private final Map<String, String> values;

  private Settings(Map<String, String> values) {
    this.values = Map.copyOf(values);
  }

  /** Settings from {@code values}, by variable name. */
  public static Settings of(Map<String, String> values) {
    return new Settings(values);
  }

  /**
   * The value of {@code setting}.
   *
   * @throws SettingException when the variable holds something else, or its file can't be read
   */
  public <T> T get(Setting<T> setting) {
    return raw(setting.name()).map(setting::parse).orElse(setting.defaultValue());
  }

  /** Whether the variable, or its file, is set at all. */
  public boolean isSet(Setting<?> setting) {
    return values.containsKey(setting.name()) || values.containsKey(setting.name() + "_FILE");
  }

  /** All variables as they were given. */
  public Map<String, String> asMap() {
    return values;
  }

  /** What the operator wrote, also when it came from a file; empty when the default holds. */
  Optional<String> text(Setting<?> setting) {
    return raw(setting.name());
  }

  private Optional<String> raw(String name) {
    String direct = values.get(name);
    if (direct != null) {
      return Optional.of(direct);
    }
    String file = values.get(name + "_FILE");
    if (file == null) {
      return Optional.empty();
    }
    try {
      String text = Files.readString(Path.of(file));
      return Optional.of(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
    } catch (IOException | RuntimeException e) {
      throw new SettingException(
          name + "_FILE is \"" + file + "\", which can't be read: " + e.getMessage());
    }
  }
}
