package dev.fncluster.datastore;

import dev.fncluster.api.settings.SettingException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * Creates the tables, or completes those of a database that another implementation made.
 *
 * <p>Such a database says in {@code schema_migrations} which version its tables have; ours says so
 * too. What we add comes in scripts with a history table of their own, each of which also runs over
 * tables that are there already.
 */
final class Migrations {
  /** The version of the tables that this code reads and writes. */
  static final int SCHEMA_VERSION = 26;

  private static final String VERSION_TABLE = "schema_migrations";
  private static final String HISTORY_TABLE = "fn_cluster_schema_history";

  private Migrations() {}

  static void run(DataSource database, Dialect dialect) {
    checkVersion(database, dialect);
    Optional<MigrationLock> lock = dialect.migrationLock();
    if (lock.isEmpty()) {
      migrate(database, dialect);
      return;
    }
    // The library's own lock does not hold while it makes its history table, and a second process
    // that finds that table empty gives up.
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try (var held = lock.get().acquire(connection)) {
        migrate(database, dialect);
      }
    } catch (SQLException e) {
      throw notReady(dialect, e);
    }
  }

  private static void migrate(DataSource database, Dialect dialect) {
    try {
      Flyway.configure(Migrations.class.getClassLoader())
          .dataSource(database)
          .locations(dialect.migrations())
          .placeholders(prepare(database, dialect))
          .table(HISTORY_TABLE)
          .baselineOnMigrate(true)
          .baselineVersion("0")
          .load()
          .migrate();
    } catch (FlywayException | SQLException e) {
      throw notReady(dialect, e);
    }
  }

  /**
   * Forgets attempts that failed, which would stop every later one: each script can run again over
   * what it did.
   */
  private static Map<String, String> prepare(DataSource database, Dialect dialect)
      throws SQLException {
    try (Connection connection = database.getConnection()) {
      if (hasTable(connection, HISTORY_TABLE)) {
        try (Statement statement = connection.createStatement()) {
          statement.executeUpdate("DELETE FROM " + HISTORY_TABLE + " WHERE success = FALSE");
        }
      }
      return dialect.migrationPlaceholders(connection);
    }
  }

  private static SettingException notReady(Dialect dialect, Exception failure) {
    return new SettingException(
        "the tables of " + dialect.description() + " can't be made ready: " + failure.getMessage());
  }

  private static void checkVersion(DataSource database, Dialect dialect) {
    try (Connection connection = database.getConnection()) {
      if (!hasTable(connection, VERSION_TABLE)) {
        return;
      }
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT version, dirty FROM " + VERSION_TABLE)) {
        if (!row.next()) {
          return;
        }
        int version = row.getInt(1);
        if (row.getBoolean(2)) {
          throw new SettingException(
              dialect.description()
                  + " was left half-way to schema version "
                  + version
                  + "; repair it, or restore a backup");
        }
        if (version != SCHEMA_VERSION) {
          throw new SettingException(
              dialect.description()
                  + " has schema version "
                  + version
                  + "; expected "
                  + SCHEMA_VERSION);
        }
      }
    } catch (SQLException e) {
      throw new SettingException(dialect.description() + " can't be read: " + e.getMessage());
    }
  }

  /** Looks in our own schema only; the driver takes names for patterns and searches all schemas. */
  private static boolean hasTable(Connection connection, String name) throws SQLException {
    String ownSchema = connection.getSchema();
    try (ResultSet tables =
        connection.getMetaData().getTables(connection.getCatalog(), null, name, null)) {
      while (tables.next()) {
        if (name.equals(tables.getString("TABLE_NAME"))
            && Objects.equals(ownSchema, tables.getString("TABLE_SCHEM"))) {
          return true;
        }
      }
      return false;
    }
  }
}
