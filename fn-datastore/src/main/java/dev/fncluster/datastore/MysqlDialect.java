package dev.fncluster.datastore;

import com.zaxxer.hikari.HikariConfig;
import dev.fncluster.api.settings.SettingException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mariadb.jdbc.Driver;
import org.mariadb.jdbc.export.MaxAllowedPacketException;

/**
 * MySQL or MariaDB on a server that several nodes share. Rows are locked by {@code FOR UPDATE}; all
 * texts compare by their bytes, as the scripts make them.
 */
final class MysqlDialect implements Dialect {
  private static final int CONNECTIONS = 8;
  private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(4);

  /** Ends what waits for a server that is gone without a word. */
  private static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(60);

  /**
   * Texts that are too long are errors, waits have bounds. Only MariaDB reads what stands behind
   * {@code M!}; only MySQL that behind a version which MariaDB never had.
   */
  private static final String LIMITS =
      "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',"
          + " innodb_lock_wait_timeout = 5, lock_wait_timeout = 5"
          + " /*M!100108 , max_statement_time = 20 */ /*!50708 , max_execution_time = 20000 */";

  private static final int DUPLICATE_KEY = 1062;

  /**
   * Lock timeout, deadlock, statement timeout (MariaDB, MySQL); server shuts down or kills; disk,
   * table or memory full; too many connections, by server and by user.
   */
  private static final Set<Integer> BUSY =
      Set.of(1205, 1213, 1969, 3024, 1053, 1317, 1021, 1114, 1037, 1041, 1040, 1203, 1226);

  /** An option of the server prevents it; the server is read-only. */
  private static final Set<Integer> READ_ONLY = Set.of(1290, 1836);

  /** Too long, not a character of the encoding, longer than the server's largest packet. */
  private static final Set<Integer> UNFIT = Set.of(1406, 1366, 1153);

  /** Names are the whole server's. */
  private static final String MIGRATION_LOCK = "CONCAT('fn_cluster_schema:', SHA1(DATABASE()))";

  private final MysqlUrl url;

  MysqlDialect(MysqlUrl url) {
    this.url = url;
  }

  @Override
  public String description() {
    return url.toString();
  }

  /** Nothing: the database is made by whoever runs the server. */
  @Override
  public void prepare() {}

  @Override
  public HikariConfig writers() {
    return pool("fn-db-writer");
  }

  @Override
  public HikariConfig readers() {
    HikariConfig pool = pool("fn-db-reader");
    pool.setReadOnly(true);
    return pool;
  }

  @Override
  public String migrations() {
    return "classpath:dev/fncluster/datastore/mysql";
  }

  /**
   * The collation of the tables. The first two don't take blanks at the end for nothing: one is
   * MariaDB's, one MySQL's; older servers have the third.
   */
  @Override
  public Map<String, String> migrationPlaceholders(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT collation_name FROM information_schema.collations WHERE collation_name IN"
                    + " ('utf8mb4_nopad_bin', 'utf8mb4_0900_bin', 'utf8mb4_bin')"
                    + " ORDER BY CASE collation_name WHEN 'utf8mb4_nopad_bin' THEN 1"
                    + " WHEN 'utf8mb4_0900_bin' THEN 2 ELSE 3 END")) {
      if (!row.next()) {
        throw new SettingException(description() + " has no collation utf8mb4_bin");
      }
      return Map.of("collation", row.getString(1));
    }
  }

  @Override
  public Optional<MigrationLock> migrationLock() {
    return Optional.of(MysqlDialect::lockMigrations);
  }

  @Override
  public String forUpdate() {
    return " FOR UPDATE";
  }

  /** Nothing: the columns are made so. */
  @Override
  public String byBytes() {
    return "";
  }

  @Override
  public boolean isDuplicate(SQLException failure) {
    return failure.getErrorCode() == DUPLICATE_KEY;
  }

  /** Also when the server is away (class 08). */
  @Override
  public boolean isBusy(SQLException failure) {
    String state = failure.getSQLState();
    return !isUnfit(failure)
        && (BUSY.contains(failure.getErrorCode())
            || isReadOnly(failure)
            || (state != null && state.startsWith("08")));
  }

  @Override
  public boolean isReadOnly(SQLException failure) {
    return READ_ONLY.contains(failure.getErrorCode());
  }

  @Override
  public boolean isUnfit(SQLException failure) {
    return UNFIT.contains(failure.getErrorCode())
        || failure.getCause() instanceof MaxAllowedPacketException;
  }

  private HikariConfig pool(String name) {
    HikariConfig pool = new HikariConfig();
    pool.setPoolName(name);
    pool.setDriverClassName(Driver.class.getName());
    // With a socket the driver asks for an address all the same, and does not use it.
    String address = url.address().isEmpty() ? "localhost" : url.address();
    pool.setJdbcUrl("jdbc:mariadb://" + address + "/" + url.database());
    if (!url.socket().isEmpty()) {
      pool.addDataSourceProperty("localSocket", url.socket());
    }
    if (!url.user().isEmpty()) {
      pool.setUsername(url.user());
    }
    if (!url.password().isEmpty()) {
      pool.setPassword(url.password());
    }
    pool.addDataSourceProperty("sslMode", "disable");
    // Without it no password of MySQL's present kind gets over a connection that is not encrypted.
    pool.addDataSourceProperty("allowPublicKeyRetrieval", "true");
    pool.addDataSourceProperty("connectTimeout", String.valueOf(CONNECT_TIMEOUT.toMillis()));
    pool.addDataSourceProperty("socketTimeout", String.valueOf(SOCKET_TIMEOUT.toMillis()));
    pool.addDataSourceProperty("tcpKeepAlive", "true");
    pool.addDataSourceProperty("useServerPrepStmts", "true");
    pool.addDataSourceProperty("permitRedirect", "false");
    url.options().forEach(pool::addDataSourceProperty);
    pool.setMaximumPoolSize(CONNECTIONS);
    pool.setMinimumIdle(1);
    pool.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
    pool.setConnectionInitSql(LIMITS);
    // What a transaction reads behind a lock it waited for must be what the other one wrote.
    pool.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    return pool;
  }

  /** The lock belongs to the connection. */
  private static MigrationLock.Held lockMigrations(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // Within the limit of the socket.
      statement.execute(
          "SET SESSION lock_wait_timeout = 45 /*M!100108 , max_statement_time = 50 */"
              + " /*!50708 , max_execution_time = 50000 */");
      try (ResultSet row = statement.executeQuery("SELECT GET_LOCK(" + MIGRATION_LOCK + ", 45)")) {
        if (!row.next() || row.getInt(1) != 1) {
          throw new SQLTimeoutException("another node has been doing so for 45 s");
        }
      }
      return () -> unlockMigrations(connection);
    }
  }

  private static void unlockMigrations(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DO RELEASE_LOCK(" + MIGRATION_LOCK + ")");
      statement.execute(LIMITS);
    }
  }
}
