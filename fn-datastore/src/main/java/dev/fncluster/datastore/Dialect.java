package dev.fncluster.datastore;

import com.zaxxer.hikari.HikariConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/** What differs between database engines. */
interface Dialect {
  /** What the database is, for error texts; without a password. */
  String description();

  /** Makes ready what the engine needs before the first connection, such as a directory. */
  void prepare();

  /** The connections that change data. A transaction on one of them may also read. */
  HikariConfig writers();

  /** The connections that only read. */
  HikariConfig readers();

  /** Where the scripts are that create the tables, on the class path. */
  String migrations();

  /** What the scripts leave open, read from the database; none for most engines. */
  Map<String, String> migrationPlaceholders(Connection connection) throws SQLException;

  /** Keeps other processes off while tables are made ready; none where there are no others. */
  Optional<MigrationLock> migrationLock();

  /** What makes a select keep its rows to itself until the transaction ends; may be empty. */
  String forUpdate();

  /** Whether a statement failed because a row with the same unique columns is there. */
  boolean isDuplicate(SQLException failure);

  /** What makes a text column compare and sort by its bytes, written behind it; may be empty. */
  String byBytes();

  /**
   * Whether a statement failed because others held a lock for too long, or because the database
   * can't be reached or has no room now: the transaction was rolled back, or its fate is unknown to
   * us.
   */
  boolean isBusy(SQLException failure);

  /**
   * Whether a statement failed because the server takes no changes, as one does whose place another
   * has taken. Connections to it go on, so they have to be given up.
   */
  boolean isReadOnly(SQLException failure);

  /**
   * Whether a statement failed because a value is too long, or has characters that can't be kept.
   */
  boolean isUnfit(SQLException failure);
}
