package dev.fncluster.datastore.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fncluster.api.testing.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A MariaDB server of the tests' own, one for all tests of a JVM, with a password and a default
 * collation that takes letters of either case for one. It stops with the JVM.
 */
public final class MariadbServer implements DatabaseServer {
  private static final String PASSWORD = "s3cret@/:%?";
  private static final Duration PATIENCE = Duration.ofSeconds(180);
  private static final AtomicInteger DATABASES = new AtomicInteger();
  private static final MariadbServer SHARED = startNew();

  private final Path directory;
  private final int port;
  private volatile Process process;

  private MariadbServer(Path directory, int port) throws IOException {
    this.directory = directory;
    this.port = port;
    this.process = launch();
  }

  /** The one of this JVM; it is started at its first use. */
  public static MariadbServer shared() {
    return SHARED;
  }

  private static MariadbServer startNew() {
    try {
      Path directory = Files.createTempDirectory("fn-my");
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
      Path data = directory.resolve("data");
      run(
          directory,
          "mariadb-install-db",
          "--no-defaults",
          "--user=mysql",
          "--datadir=" + data,
          "--auth-root-authentication-method=normal",
          "--skip-test-db");
      MariadbServer server = new MariadbServer(directory, FreePorts.next());
      Runtime.getRuntime().addShutdownHook(new Thread(server::killUnchecked));
      server.awaitReady();
      try (Connection root = server.connectAsRoot();
          var statement = root.createStatement()) {
        statement.execute("CREATE USER 'fn'@'127.0.0.1' IDENTIFIED BY '" + PASSWORD + "'");
        statement.execute("CREATE USER 'fn'@'localhost' IDENTIFIED BY '" + PASSWORD + "'");
        statement.execute("GRANT ALL ON *.* TO 'fn'@'127.0.0.1'");
        statement.execute("GRANT ALL ON *.* TO 'fn'@'localhost'");
      }
      return server;
    } catch (IOException | SQLException e) {
      throw new IllegalStateException("MariaDB can't be started", e);
    }
  }

  @Override
  public String newDatabase() throws SQLException {
    String name = "db" + DATABASES.incrementAndGet();
    try (Connection connection = connectAsRoot();
        var statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    }
    return name;
  }

  @Override
  public String url(String database) {
    return "mysql://fn:" + PASSWORD + "@tcp(127.0.0.1:" + port + ")/" + database;
  }

  /** The same over its socket. */
  public String socketUrl(String database) {
    return "mysql://fn:" + PASSWORD + "@unix(" + socket() + ")/" + database;
  }

  @Override
  public Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:mariadb://127.0.0.1:" + port + "/" + database + "?sslMode=disable", "fn", PASSWORD);
  }

  @Override
  public void start() throws IOException {
    process = launch();
    awaitReady();
  }

  @Override
  public void kill() throws IOException {
    Process running = process;
    running.destroyForcibly();
    try {
      if (!running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("MariaDB does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private Path socket() {
    return directory.resolve("s.sock");
  }

  private Connection connectAsRoot() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:mariadb://localhost/mysql?sslMode=disable&localSocket=" + socket(), "root", "");
  }

  private Process launch() throws IOException {
    return new ProcessBuilder(
            "/usr/sbin/mariadbd",
            "--no-defaults",
            "--user=mysql",
            "--datadir=" + directory.resolve("data"),
            "--port=" + port,
            "--bind-address=127.0.0.1",
            "--socket=" + socket(),
            "--pid-file=" + directory.resolve("pid"),
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_general_ci",
            "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-buffer-pool-size=256M")
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
        .start();
  }

  private void awaitReady() throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    SQLException last = null;
    while (System.nanoTime() - end < 0 && process.isAlive()) {
      try (Connection connection = connectAsRoot()) {
        return;
      } catch (SQLException e) {
        last = e;
        pause();
      }
    }
    throw new IOException(
        "MariaDB does not answer: " + Files.readString(directory.resolve("log"), UTF_8), last);
  }

  /** Before the next look, unless the server ends meanwhile. */
  private void pause() throws IOException {
    try {
      boolean unused = process.waitFor(50, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private void killUnchecked() {
    try {
      kill();
    } catch (IOException e) {
      System.err.println("MariaDB was not stopped: " + e.getMessage());
    }
  }

  private static void run(Path directory, String... command) throws IOException {
    Path output = directory.resolve("install.log");
    try {
      Process process =
          new ProcessBuilder(List.of(command))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException(command[0] + " failed: " + Files.readString(output));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
