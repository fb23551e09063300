package dev.fncluster.datastore;

import com.zaxxer.hikari.HikariConfig;
import dev.fncluster.api.settings.SettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * SQLite in a file: one connection writes, a few others read beside it.
 *
 * <p>Write transactions are immediate: they take the database's lock at their start, so that what
 * they read stays true until they have written.
 */
final class SqliteDialect implements Dialect {
  private static final int READERS = 4;
  private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(10);
  private static final String DIRECTORY_MODE = "rwxr-x---";

  private final Path file;
  private final Duration busyTimeout;

  /**
   * The database in {@code file}.
   *
   * @param busyTimeout how long a statement waits for other processes' locks
   */
  SqliteDialect(Path file, Duration busyTimeout) {
    this.file = file.toAbsolutePath();
    this.busyTimeout = busyTimeout;
  }

  /**
   * The database in a file.
   *
   * @param path what follows {@code sqlite3://} in the URL
   */
  static SqliteDialect of(String path) {
    if (path.isEmpty() || path.indexOf('?') >= 0) {
      throw new SettingException(
          "storage url sqlite3://" + path + " names no file; expected sqlite3:///path/fn.db");
    }
    try {
      return new SqliteDialect(Path.of(path), BUSY_TIMEOUT);
    } catch (InvalidPathException e) {
      throw new SettingException(
          "storage url sqlite3://" + path + " names no file: " + e.getReason());
    }
  }

  @Override
  public String description() {
    return "sqlite3://" + file;
  }

  @Override
  public void prepare() {
    Path directory = file.getParent();
    if (directory == null || Files.isDirectory(directory)) {
      return;
    }
    try {
      if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(DIRECTORY_MODE)));
      } else {
        Files.createDirectories(directory);
      }
    } catch (IOException e) {
      throw new SettingException(
          "the directory of " + description() + " can't be created: " + e.getMessage());
    }
  }

  @Override
  public HikariConfig writers() {
    SQLiteConfig config = config();
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    return pool("fn-db-writer", config, 1);
  }

  @Override
  public HikariConfig readers() {
    return pool("fn-db-reader", config(), READERS);
  }

  @Override
  public String migrations() {
    return "classpath:dev/fncluster/datastore/sqlite";
  }

  /** None: the one writer, which the scripts need, has the database to itself. */
  @Override
  public Optional<MigrationLock> migrationLock() {
    return Optional.empty();
  }

  @Override
  public Map<String, String> migrationPlaceholders(Connection connection) {
    return Map.of();
  }

  /** Nothing: the one writer has the database to itself. */
  @Override
  public String forUpdate() {
    return "";
  }

  @Override
  public boolean isDuplicate(SQLException failure) {
    return failure instanceof SQLiteException e
        && (e.getResultCode() == SQLiteErrorCode.SQLITE_CONSTRAINT_UNIQUE
            || e.getResultCode() == SQLiteErrorCode.SQLITE_CONSTRAINT_PRIMARYKEY);
  }

  /** Also when the disk is full. */
  @Override
  public boolean isBusy(SQLException failure) {
    return failure instanceof SQLiteException e
        && (e.getResultCode() == SQLiteErrorCode.SQLITE_BUSY
            || e.getResultCode() == SQLiteErrorCode.SQLITE_BUSY_SNAPSHOT
            || e.getResultCode() == SQLiteErrorCode.SQLITE_BUSY_TIMEOUT
            || e.getResultCode() == SQLiteErrorCode.SQLITE_FULL);
  }

  /** Never: another connection would meet the same file. */
  @Override
  public boolean isReadOnly(SQLException failure) {
    return false;
  }

  /** Nothing: it is SQLite's own order. */
  @Override
  public String byBytes() {
    return "";
  }

  /** Never: columns take texts of any length and content. */
  @Override
  public boolean isUnfit(SQLException failure) {
    return false;
  }

  private SQLiteConfig config() {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    // What was answered is on disk, whatever happens to the machine.
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setBusyTimeout((int) busyTimeout.toMillis());
    return config;
  }

  private HikariConfig pool(String name, SQLiteConfig config, int size) {
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file);
    HikariConfig pool = new HikariConfig();
    pool.setPoolName(name);
    pool.setDataSource(source);
    pool.setMaximumPoolSize(size);
    pool.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
    // A file does not close connections on us, and opening one costs more than keeping it.
    pool.setMaxLifetime(0);
    pool.setIdleTimeout(0);
    return pool;
  }
}
