package dev.fncluster.api.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Writes the operator's page of all settings from their declarations, so that it can't drift.
 *
 * <p>Immutable.
 */
public final class SettingsDocument {
  private static final String HEAD =
      """
      # Settings

      This page is generated from the code; a test fails when it is out of date.

      Every setting is an environment variable. It can also be a line of the properties file that
      `--config` names (the environment wins), and `<NAME>_FILE` names a file that holds the value.
      `--print-config` shows what holds. A wrong value stops the node with a line that says what is
      allowed; an unknown name that begins with `FN_` is warned about.
      """;

  private final List<Section> sections;

  /**
   * The settings of one component.
   *
   * @param title a heading, such as "Load balancer"
   * @param settings in any order
   */
  public record Section(String title, List<Setting<?>> settings) {
    /** Copies the list. */
    public Section {
      settings = List.copyOf(settings);
    }
  }

  private SettingsDocument(List<Section> sections) {
    this.sections = sections;
  }

  /**
   * The page of these sections, in this order.
   *
   * @throws IllegalArgumentException when two settings have one name, or one has no help
   */
  public static SettingsDocument of(List<Section> sections) {
    List<Setting<?>> all = new ArrayList<>();
    sections.forEach(section -> all.addAll(section.settings()));
    KnownSettings.of(all);
    return new SettingsDocument(List.copyOf(sections));
  }

  /** The page, in Markdown, ending with a line break. */
  public String markdown() {
    StringBuilder text = new StringBuilder(HEAD);
    for (Section section : sections) {
      text.append("\n## ").append(section.title()).append("\n\n");
      text.append("| setting | default | allowed | meaning |\n|---|---|---|---|\n");
      TreeMap<String, Setting<?>> sorted = new TreeMap<>();
      section.settings().forEach(setting -> sorted.put(setting.name(), setting));
      sorted.values().forEach(setting -> text.append(row(setting)));
    }
    return text.toString();
  }

  private static String row(Setting<?> setting) {
    String defaultText = setting.defaultText().isEmpty() ? "–" : "`" + setting.defaultText() + "`";
    return "| `"
        + setting.name()
        + "` | "
        + cell(defaultText)
        + " | "
        + cell(setting.allowed())
        + " | "
        + cell(setting.help() + (setting.isSecret() ? " Never shown." : ""))
        + " |\n";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("\n", " ");
  }
}
