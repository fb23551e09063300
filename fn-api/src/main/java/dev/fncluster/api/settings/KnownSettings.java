package dev.fncluster.api.settings;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All settings of a program, by name: finds misspelt ones and shows what holds.
 *
 * <p>Immutable.
 */
public final class KnownSettings {
  private static final String PREFIX = "FN_";

  private final Map<String, Setting<?>> byName;

  private KnownSettings(Map<String, Setting<?>> byName) {
    this.byName = byName;
  }

  /**
   * Those of {@code settings}. The same constant may come several times: components share some.
   *
   * @throws IllegalArgumentException when two settings have one name, or one has no help
   */
  public static KnownSettings of(Collection<? extends Setting<?>> settings) {
    Map<String, Setting<?>> byName = new TreeMap<>();
    for (Setting<?> setting : settings) {
      Setting<?> other = byName.put(setting.name(), setting);
      if (other != null && other != setting) {
        throw new IllegalArgumentException("there are two settings named " + setting.name());
      }
      if (setting.help().isBlank()) {
        throw new IllegalArgumentException("setting " + setting.name() + " has no help text");
      }
    }
    return new KnownSettings(byName);
  }

  /** All of them, sorted by name. */
  public List<Setting<?>> all() {
    return List.copyOf(byName.values());
  }

  /**
   * A line for each variable that begins with {@code FN_} and that nothing reads. Values are not
   * shown.
   */
  public List<String> warnings(Settings settings) {
    List<String> warnings = new ArrayList<>();
    for (String name : new TreeSet<>(settings.asMap().keySet())) {
      if (name.startsWith(PREFIX) && !isKnown(name)) {
        warnings.add(
            name
                + " is set, but there is no such setting"
                + nearest(name).map(other -> "; did you mean " + other + "?").orElse(""));
      }
    }
    return List.copyOf(warnings);
  }

  /**
   * What holds, as lines of a settings file: what is set, and, commented out, what is not. Secrets
   * are masked, and so are users and passwords in addresses.
   *
   * @throws SettingException when a value is wrong
   */
  public String print(Settings settings) {
    StringBuilder text = new StringBuilder();
    for (Setting<?> setting : byName.values()) {
      settings.get(setting);
      Optional<String> given = settings.text(setting);
      text.append(given.isPresent() ? "" : "# ").append(setting.name()).append('=');
      String value = given.orElse(setting.defaultText());
      text.append(shown(setting, given.isPresent(), value)).append('\n');
    }
    return text.toString();
  }

  private static String shown(Setting<?> setting, boolean given, String value) {
    if (!given) {
      return escape(value);
    }
    return setting.isSecret() ? Masking.MASK : escape(Masking.addresses(value));
  }

  private boolean isKnown(String name) {
    return byName.containsKey(name)
        || (name.endsWith("_FILE")
            && byName.containsKey(name.substring(0, name.length() - "_FILE".length())));
  }

  private Optional<String> nearest(String name) {
    int limit = Math.max(2, name.length() / 4);
    String best = null;
    int least = limit + 1;
    for (String candidate : byName.keySet()) {
      int distance = distance(name, candidate);
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    return Optional.ofNullable(best);
  }

  /** How many letters must be added, dropped or replaced to make {@code b} of {@code a}. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }

  private static String escape(String value) {
    String escaped = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
    // Blanks at the beginning would be taken for some around the value.
    return !escaped.isEmpty() && Character.isWhitespace(escaped.charAt(0))
        ? "\\" + escaped
        : escaped;
  }
}
