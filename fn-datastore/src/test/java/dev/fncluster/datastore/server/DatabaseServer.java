package dev.fncluster.datastore.server;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;

/** A database server of the tests' own. */
public interface DatabaseServer {
  /** Makes an empty database. */
  String newDatabase() throws SQLException;

  /** The value of {@code FN_DB_URL} for a database. */
  String url(String database);

  /** A connection of the test's own. */
  Connection connect(String database) throws SQLException;

  /** Starts it again, and waits until it answers. */
  void start() throws IOException;

  /** Ends it at once, as a crash does. */
  void kill() throws IOException;
}
