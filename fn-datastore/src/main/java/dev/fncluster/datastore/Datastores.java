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
    String url = settings.url();
    int end = url.indexOf("://");
    String scheme = end < 0 ? "" : url.substring(0, end).toLowerCase(Locale.ROOT);
    return switch (scheme) {
      case "sqlite3", "sqlite" ->
          SqlDatastore.open(SqliteDialect.of(url.substring(end + 3)), settings.patience());
      case "postgres", "postgresql" ->
          SqlDatastore.open(
              new PostgresDialect(PostgresUrl.parse(url, settings.maskedUrl())),
              settings.patience());
      case "mysql", "mariadb" ->
          SqlDatastore.open(
              new MysqlDialect(MysqlUrl.parse(url, settings.maskedUrl())), settings.patience());
      default ->
          throw new SettingException(
              "no data store provider found for storage url " + settings.maskedUrl());
    };
  }
}
