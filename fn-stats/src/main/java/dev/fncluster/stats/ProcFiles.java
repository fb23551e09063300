package dev.fncluster.stats;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads Linux's process files. What can't be read, because the process is gone, is another user's,
 * or the system is no Linux, is empty.
 *
 * <p>Thread-safe.
 */
final class ProcFiles {
  /** The kernel shows times in hundredths of a second on every platform. */
  private static final double TICKS_PER_SECOND = 100;

  private static final double BYTES_PER_KIB = 1_024;

  /** Positions in the stat file, counted from the one after the name in parentheses. */
  private static final int USER_TIME = 11;

  private static final int SYSTEM_TIME = 12;
  private static final int START_TIME = 19;

  private final Path root;

  /** Reads below {@code root}, usually {@code /proc}. */
  ProcFiles(Path root) {
    this.root = root;
  }

  /** What the process {@code pid} uses. */
  Optional<ProcessUse> use(String pid) {
    Path folder = root.resolve(pid);
    try {
      String stat = Files.readString(folder.resolve("stat"), StandardCharsets.ISO_8859_1);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      double bootTime = number(lines(root.resolve("stat")), "btime ");
      List<String> status = lines(folder.resolve("status"));
      return Optional.of(
          new ProcessUse(
              (Double.parseDouble(fields[USER_TIME]) + Double.parseDouble(fields[SYSTEM_TIME]))
                  / TICKS_PER_SECOND,
              bootTime + Double.parseDouble(fields[START_TIME]) / TICKS_PER_SECOND,
              number(status, "VmSize:") * BYTES_PER_KIB,
              number(status, "VmRSS:") * BYTES_PER_KIB,
              openFiles(folder),
              maxFiles(folder)));
    } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** The process whose command has the base name {@code name}; any one of several. */
  Optional<String> find(String name) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, "[0-9]*")) {
      for (Path folder : folders) {
        String pid = folder.getFileName().toString();
        if (isNamed(pid, name)) {
          return Optional.of(pid);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /** Whether the process {@code pid} lives and its command has the base name {@code name}. */
  boolean isNamed(String pid, String name) {
    try {
      String command =
          Files.readString(root.resolve(pid).resolve("cmdline"), StandardCharsets.ISO_8859_1);
      int end = command.indexOf('\0');
      String program = end < 0 ? command : command.substring(0, end);
      return program.substring(program.lastIndexOf('/') + 1).equals(name);
    } catch (IOException e) {
      return false;
    }
  }

  private static Optional<Long> openFiles(Path folder) {
    try (Stream<Path> files = Files.list(folder.resolve("fd"))) {
      return Optional.of(files.count());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<Long> maxFiles(Path folder) {
    try {
      return Optional.of((long) number(lines(folder.resolve("limits")), "Max open files"));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
  }

  /** The first number of the line that begins with {@code key}; 0 without such a line. */
  private static double number(List<String> lines, String key) {
    @Nullable String line =
        lines.stream().filter(each -> each.startsWith(key)).findFirst().orElse(null);
    return line == null
        ? 0
        : Double.parseDouble(line.substring(key.length()).strip().split("\\s+", -1)[0]);
  }
}
