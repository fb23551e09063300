package dev.fncluster.datastore;

import dev.fncluster.api.management.ManagementErrors;
import dev.fncluster.api.management.ResourceReader;
import dev.fncluster.api.management.ResourceWriter;
import dev.fncluster.api.model.Timestamps;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The texts that stand in columns: maps as JSON with a line break, or nothing; dates as in JSON.
 */
final class Columns {
  private Columns() {}

  static String ofConfig(Map<String, String> config) {
    return config.isEmpty() ? "" : checked(ResourceWriter.config(config) + "\n");
  }

  static String ofAnnotations(Map<String, String> annotations) {
    return annotations.isEmpty() ? "" : checked(ResourceWriter.annotations(annotations) + "\n");
  }

  /**
   * Updates add up, and characters grow when they are escaped: what can't be read again is lost.
   */
  private static String checked(String text) {
    if (text.length() > ResourceReader.MAX_LENGTH) {
      throw ManagementErrors.unfit();
    }
    return text;
  }

  static Map<String, String> config(ResultSet row) throws SQLException {
    return ResourceReader.config(text(row, "config"));
  }

  static Map<String, String> annotations(ResultSet row) throws SQLException {
    return ResourceReader.annotations(text(row, "annotations"));
  }

  static @Nullable Instant date(ResultSet row, String column) throws SQLException {
    String text = row.getString(column);
    return text == null || text.isEmpty() ? null : Timestamps.parse(text);
  }

  /** A column's text; empty where it is null. */
  static String text(ResultSet row, String column) throws SQLException {
    String text = row.getString(column);
    return text == null ? "" : text;
  }
}
