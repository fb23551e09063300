package dev.fncluster.systemtests;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs commands to their end. */
final class Commands {
  private Commands() {}

  /**
   * How a command ended.
   *
   * @param exitStatus 0 when it did well
   * @param output what it printed, errors included
   */
  record Result(int exitStatus, String output) {}

  /** Runs a command and returns its output; fails unless it exits with 0 within a minute. */
  static String run(String... command) {
    Result result = run(Duration.ofMinutes(1), Path.of("/"), Map.of(), List.of(command));
    if (result.exitStatus() != 0) {
      throw new AssertionError(
          String.join(" ", command)
              + " exited with "
              + result.exitStatus()
              + ": "
              + result.output());
    }
    return result.output();
  }

  /**
   * Runs a command in a folder with more environment; kills it and fails when it takes longer than
   * {@code limit}.
   */
  static Result run(
      Duration limit, Path folder, Map<String, String> environment, List<String> command) {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      StringBuilder output = new StringBuilder();
      Thread reader = Thread.ofVirtual().start(() -> readAll(process.getInputStream(), output));
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(
            command + " took longer than " + limit + "; it printed: " + output);
      }
      // What the command left in the background may hold the pipe open: its own output is complete
      // by then.
      reader.join(Duration.ofSeconds(2));
      synchronized (output) {
        return new Result(process.exitValue(), output.toString());
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while running " + command, interrupted);
    }
  }

  private static void readAll(InputStream input, StringBuilder output) {
    byte[] part = new byte[8192];
    try (input) {
      int count = input.read(part);
      while (count >= 0) {
        synchronized (output) {
          output.append(new String(part, 0, count, StandardCharsets.UTF_8));
        }
        count = input.read(part);
      }
    } catch (IOException ended) {
      synchronized (output) {
        output.append("[output ended: ").append(ended.getMessage()).append(']');
      }
    }
  }
}
