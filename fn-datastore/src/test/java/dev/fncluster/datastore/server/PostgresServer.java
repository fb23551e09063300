package dev.fncluster.datastore.server;

import dev.fncluster.api.testing.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A PostgreSQL server of the tests' own, one for all tests of a JVM, with passwords and a default
 * collation that does not sort by bytes. It stops with the JVM.
 */
public final class PostgresServer implements DatabaseServer {
  private static final String PASSWORD = "s3cret@/:%";
  private static final String ENCODED_PASSWORD = "s3cret%40%2F%3A%25";
  private static final AtomicInteger DATABASES = new AtomicInteger();
  private static final PostgresServer SHARED = startNew();

  private final Path programs;
  private final Path directory;
  private final int port;

  private PostgresServer(Path programs, Path directory, int port) {
    this.programs = programs;
    this.directory = directory;
    this.port = port;
  }

  /** The one of this JVM; it is started at its first use. */
  public static PostgresServer shared() {
    return SHARED;
  }

  private static PostgresServer startNew() {
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      Path programs = versions.map(v -> v.resolve("bin")).max(Path::compareTo).orElseThrow();
      Path directory = Files.createTempDirectory("fn-pg");
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
      Path password = Files.writeString(directory.resolve("password"), PASSWORD);
      PostgresServer server =
          new PostgresServer(programs, directory.resolve("data"), FreePorts.next());
      server.run(
          "initdb",
          "-D",
          server.directory.toString(),
          "-U",
          "fn",
          "--pwfile=" + password,
          "--auth=scram-sha-256",
          "--encoding=UTF8",
          "--locale=C.UTF-8",
          "--locale-provider=icu",
          "--icu-locale=en",
          "--no-sync");
      server.start();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> server.runUnchecked("immediate")));
      return server;
    } catch (IOException e) {
      throw new IllegalStateException("PostgreSQL can't be started", e);
    }
  }

  @Override
  public String newDatabase() throws SQLException {
    String name = "db" + DATABASES.incrementAndGet();
    try (Connection connection = connect("postgres");
        var statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    }
    return name;
  }

  @Override
  public String url(String database) {
    return "postgres://fn:"
        + ENCODED_PASSWORD
        + "@127.0.0.1:"
        + port
        + "/"
        + database
        + "?sslmode=disable";
  }

  @Override
  public Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database, "fn", PASSWORD);
  }

  @Override
  public void start() throws IOException {
    run(
        "pg_ctl",
        "-D",
        directory.toString(),
        "-l",
        directory.resolve("log").toString(),
        "-o",
        "-F -p " + port + " -k " + directory + " -c listen_addresses=127.0.0.1",
        "-w",
        "-t",
        "120",
        "start");
  }

  @Override
  public void kill() throws IOException {
    run("pg_ctl", "-D", directory.toString(), "-m", "immediate", "-w", "-t", "120", "stop");
  }

  private void runUnchecked(String mode) {
    try {
      run("pg_ctl", "-D", directory.toString(), "-m", mode, "-t", "30", "stop");
    } catch (IOException e) {
      System.err.println("PostgreSQL was not stopped: " + e.getMessage());
    }
  }

  private void run(String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      // The server refuses to run as root.
      command.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    command.add(programs.resolve(program).toString());
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile("fn-pg", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(Path.of("/").toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(180, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException(program + " failed: " + Files.readString(output));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      Files.delete(output);
    }
  }
}
