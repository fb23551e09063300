package dev.fncluster.datastore;

import java.sql.Connection;
import java.sql.SQLException;

/** Lets one process at a time make the tables of a shared database ready. */
@FunctionalInterface
interface MigrationLock {
  /**
   * Waits, within limits, until no other process has the lock.
   *
   * @param connection in a transaction, and used for nothing else until the lock is given back
   * @throws SQLException also when the lock does not come free in time
   */
  Held acquire(Connection connection) throws SQLException;

  /** A lock that is held; closing it lets others go on. */
  @FunctionalInterface
  interface Held extends AutoCloseable {
    @Override
    void close() throws SQLException;
  }
}
