package dev.fncluster.datastore;

import com.zaxxer.hikari.HikariConfig;
import java.sql.SQLException;
import java.util.List;

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

  /**
   * Statements by which a transaction waits until no other process makes tables ready, and has
   * others wait until it ends; none where no other process can.
   */
  List<String> migrationGuard();

  /** What makes a select keep its rows to itself until the transaction ends; may be empty. */
  String forUpdate();

  /** Whether a statement failed because a row with the same unique columns is there. */
  boolean isDuplicate(SQLException failure);

  /** What makes a text column compare and sort by its bytes, written behind it; may be empty. */
  String byBytes();

  /**
   * Whether a statement failed because others held a lock for too long, or because the database
   * can't be reached now: the transaction was rolled back, or its fate is unknown to us.
   */
  boolean isBusy(SQLException failure);

  /**
   * Whether a statement failed because a value is too long, or has characters that can't be kept.
   */
  boolean isUnfit(SQLException failure);
}
