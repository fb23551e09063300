package dev.fncluster.datastore;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Which database the store is in.
 *
 * @param url such as {@code sqlite3:///path/fn.db}; may hold a password
 * @param patience how long a start waits for a database that doesn't answer; zero tries once
 */
public record DatastoreSettings(String url, Duration patience) {
  static final Setting<Optional<String>> DB_URL =
      Setting.optionalText(
              "FN_DB_URL",
              "Database of API and full nodes, such as sqlite3:///path/fn.db,"
                  + " postgres://user:password@host:5432/db or"
                  + " mysql://user:password@tcp(host:3306)/db; data/fn.db below the working"
                  + " directory when not set.")
          .secret();

  static final Setting<Integer> PING_MAX_RETRIES =
      Setting.integer(
          "FN_DS_DB_PING_MAX_RETRIES",
          10,
          0,
          86_400,
          "How often a start tries to reach the database, once a second, before it fails.");

  /** All settings, for documentation. */
  public static List<Setting<?>> all() {
    return List.of(DB_URL, PING_MAX_RETRIES);
  }

  /**
   * Reads the settings of a node that has a store.
   *
   * @throws SettingException when the URL is set to nothing
   */
  public static DatastoreSettings from(Settings settings) {
    Optional<String> url = settings.get(DB_URL);
    if (url.isEmpty() && settings.isSet(DB_URL)) {
      throw new SettingException(
          "Invalid configuration, datastore must be configured during startup: "
              + DB_URL.name()
              + " is empty; expected a storage url such as sqlite3:///path/fn.db");
    }
    return new DatastoreSettings(
        url.orElseGet(() -> "sqlite3://" + Path.of("data", "fn.db").toAbsolutePath()),
        Duration.ofSeconds(settings.get(PING_MAX_RETRIES)));
  }

  /** The URL without its password. */
  String maskedUrl() {
    return url.replaceFirst("^([^:]*://[^:@/]*:).*@", "$1***@")
        .replaceAll("(?i)([?&;]password=)[^&;]*", "$1***");
  }

  /** Masked. */
  @Override
  public String toString() {
    return "DatastoreSettings[url=" + maskedUrl() + ", patience=" + patience + "]";
  }
}
