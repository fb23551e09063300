package dev.fncluster.datastore;

import com.zaxxer.hikari.HikariConfig;
import dev.fncluster.api.settings.SettingException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.postgresql.ds.PGSimpleDataSource;

/** PostgreSQL on a server that several nodes share. Rows are locked by {@code FOR UPDATE}. */
final class PostgresDialect implements Dialect {
  private static final int CONNECTIONS = 8;
  private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(4);

  /** Ends what waits for a server that is gone without a word. */
  private static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(60);

  private static final String LIMITS = "SET lock_timeout = '5s'; SET statement_timeout = '20s'";

  private static final String UNIQUE_VIOLATION = "23505";

  /** Serialization failure, deadlock, lock timeout, cancelled statement. */
  private static final Set<String> BUSY = Set.of("40001", "40P01", "55P03", "57014");

  private static final String READ_ONLY = "25006";

  /** Too long, not a character of the encoding (among them NUL). */
  private static final Set<String> UNFIT = Set.of("22001", "22021");

  /** Any number that nothing else locks: "fncl". */
  private static final int MIGRATION_LOCK = 1718510444;

  private final PostgresUrl url;

  PostgresDialect(PostgresUrl url) {
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
    return "classpath:dev/fncluster/datastore/postgres";
  }

  @Override
  public Map<String, String> migrationPlaceholders(Connection connection) {
    return Map.of();
  }

  @Override
  public Optional<MigrationLock> migrationLock() {
    return Optional.of(PostgresDialect::lockMigrations);
  }

  @Override
  public String forUpdate() {
    return " FOR UPDATE";
  }

  @Override
  public String byBytes() {
    return " COLLATE \"C\"";
  }

  @Override
  public boolean isDuplicate(SQLException failure) {
    return UNIQUE_VIOLATION.equals(failure.getSQLState());
  }

  /** Also when the server is away (class 08), shuts down or starts (57P), or is full (53). */
  @Override
  public boolean isBusy(SQLException failure) {
    String state = failure.getSQLState();
    return state != null
        && (BUSY.contains(state)
            || state.startsWith("08")
            || state.startsWith("57P")
            || state.startsWith("53")
            || isReadOnly(failure));
  }

  @Override
  public boolean isReadOnly(SQLException failure) {
    return READ_ONLY.equals(failure.getSQLState());
  }

  @Override
  public boolean isUnfit(SQLException failure) {
    return failure.getSQLState() != null && UNFIT.contains(failure.getSQLState());
  }

  private HikariConfig pool(String name) {
    HikariConfig pool = new HikariConfig();
    pool.setPoolName(name);
    pool.setDataSource(source());
    pool.setMaximumPoolSize(CONNECTIONS);
    pool.setMinimumIdle(1);
    pool.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
    pool.setConnectionInitSql(LIMITS);
    // What a transaction reads behind a lock it waited for must be what the other one wrote.
    pool.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    return pool;
  }

  private PGSimpleDataSource source() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl("jdbc:postgresql://" + url.hosts() + "/" + url.database());
    source.setConnectTimeout((int) CONNECT_TIMEOUT.toSeconds());
    source.setSocketTimeout((int) SOCKET_TIMEOUT.toSeconds());
    source.setTcpKeepAlive(true);
    source.setApplicationName("fn-cluster");
    try {
      for (var option : url.options().entrySet()) {
        source.setProperty(option.getKey(), option.getValue());
      }
    } catch (SQLException e) {
      throw new SettingException(
          description() + " has an option that is not known: " + e.getMessage());
    }
    if (!url.user().isEmpty()) {
      source.setUser(url.user());
    }
    if (!url.password().isEmpty()) {
      source.setPassword(url.password());
    }
    return source;
  }

  /** The lock ends with the transaction. */
  private static MigrationLock.Held lockMigrations(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // Within the limit of the socket.
      statement.execute("SET LOCAL lock_timeout = '45s'");
      statement.execute("SET LOCAL statement_timeout = '45s'");
      statement.execute("SELECT pg_advisory_xact_lock(" + MIGRATION_LOCK + ")");
      return connection::rollback;
    }
  }
}
