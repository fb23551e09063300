package dev.fncluster.datastore;

import dev.fncluster.api.management.Datastore;
import dev.fncluster.api.settings.SettingException;
import java.util.Locale;

/** Opens stores by their URL. */
public final class Datastores {
  private Datastores() {}

  /**
   * Opens the store, and creates or completes its tables.
   *
   * @throws SettingException when no engine has the URL's scheme, or its database can't be opened
   *     or used, with a line that says why
   */
  public static Datastore open(DatastoreSettings settings) {
    return SqlDatastore.open(dialect(settings), settings.patience());
  }

  static Dialect dialect(DatastoreSettings settings) {
    String url = settings.url();
    int end = url.indexOf("://");
    String scheme = end < 0 ? "" : url.substring(0, end).toLowerCase(Locale.ROOT);
    return switch (scheme) {
      case "sqlite3", "sqlite" -> SqliteDialect.of(url.substring(end + 3));
      case "postgres", "postgresql" ->
          new PostgresDialect(PostgresUrl.parse(url, settings.maskedUrl()));
      case "mysql", "mariadb" -> new MysqlDialect(MysqlUrl.parse(url, settings.maskedUrl()));
      default ->
          throw new SettingException(
              "no data store provider found for storage url " + settings.maskedUrl());
    };
  }
}
