package dev.fncluster.datastore;

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
    return config.isEmpty() ? "" : ResourceWriter.config(config) + "\n";
  }

  static String ofAnnotations(Map<String, String> annotations) {
    return annotations.isEmpty() ? "" : ResourceWriter.annotations(annotations) + "\n";
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
