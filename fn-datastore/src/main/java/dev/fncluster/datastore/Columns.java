package dev.fncluster.datastore;

import dev.fncluster.api.management.ManagementErrors;
import dev.fncluster.api.management.ResourceReader;
import dev.fncluster.api.management.ResourceWriter;
import dev.fncluster.api.model.Timestamps;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The texts that stand in columns: maps as JSON with a line break, or nothing; dates as in JSON.
 */
final class Columns {
  /**
   * The longest config, in bytes: with all else that an app or fn has, it is an answer that load
   * balancers read, and a statement that servers of MySQL's kind take as they are set by default.
   */
  private static final int MAX_CONFIG_BYTES = ResourceReader.MAX_LENGTH - (1 << 20);

  /** Far more than what the management API's own limits add up to. */
  private static final int MAX_ANNOTATIONS_BYTES = 1 << 19;

  /** As long as it may be on the engine with the least room. */
  private static final int MAX_URL_BYTES = (1 << 16) - 1;

  private Columns() {}

  static String ofConfig(Map<String, String> config) {
    return config.isEmpty() ? "" : checked(ResourceWriter.config(config) + "\n", MAX_CONFIG_BYTES);
  }

  static String ofAnnotations(Map<String, String> annotations) {
    return annotations.isEmpty()
        ? ""
        : checked(ResourceWriter.annotations(annotations) + "\n", MAX_ANNOTATIONS_BYTES);
  }

  static @Nullable String ofSyslogUrl(@Nullable String url) {
    return url == null ? null : checked(url, MAX_URL_BYTES);
  }

  /**
   * Updates add up, and characters grow when they are escaped: what can't be read again is lost.
   */
  private static String checked(String text, int maxBytes) {
    // No text has fewer bytes than characters.
    if (text.length() > maxBytes || text.getBytes(StandardCharsets.UTF_8).length > maxBytes) {
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
