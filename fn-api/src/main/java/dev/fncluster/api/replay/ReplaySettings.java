package dev.fncluster.api.replay;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import io.netty.util.internal.PlatformDependent;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much of request bodies is kept for another runner, and where. No more than the longest
 * request is ever kept of a body.
 *
 * @param memoryBytes how much of a body is kept in memory, 0 or more
 * @param totalMemoryBytes how much all bodies of a node may hold in memory together
 * @param folder where the rest goes; exists
 * @param fileBytes how much of a body is kept in a file, 0 for none
 * @param totalFileBytes how much all such files of a node may hold together
 */
public record ReplaySettings(
    int memoryBytes, long totalMemoryBytes, Path folder, long fileBytes, long totalFileBytes) {
  private static final Logger log = LoggerFactory.getLogger(ReplaySettings.class);

  static final Setting<Integer> MEMORY =
      Setting.integer(
          "FN_REPLAY_MEMORY_BYTES",
          1 << 20,
          0,
          1 << 30,
          "How much of a request body is kept in memory, in case that another runner needs it.");
  static final Setting<Long> TOTAL_MEMORY =
      Setting.number(
          "FN_REPLAY_TOTAL_MEMORY_BYTES",
          0L,
          0,
          "How much all bodies may hold in memory together; what comes beyond it goes to files."
              + " 0: a quarter of the direct memory that the JVM may use.");
  static final Setting<String> FOLDER =
      Setting.text(
          "FN_REPLAY_DIR",
          "",
          "The folder for what of a request body is not kept in memory; the system's folder for"
              + " temporary files when empty, if that can be written to. Files in it have no name, and are gone with the process.");
  static final Setting<Long> FILE =
      Setting.number(
          "FN_REPLAY_FILE_BYTES",
          1L << 30,
          0,
          "How much of a request body is kept in a file; 0 for no files. A longer one can't go to another runner.");
  static final Setting<Long> TOTAL_FILES =
      Setting.number(
          "FN_REPLAY_TOTAL_FILE_BYTES",
          4L << 30,
          0,
          "How much the files of all bodies may hold together; what comes beyond it is not kept.");

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    return List.of(MEMORY, TOTAL_MEMORY, FOLDER, FILE, TOTAL_FILES);
  }

  /**
   * Reads them.
   *
   * @throws SettingException when one is wrong, or a folder that was named can't be written to
   */
  public static ReplaySettings from(Settings settings) {
    return from(settings, Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
  }

  /** As {@link #from(Settings)}, with {@code systemFolder} when no folder is given. */
  static ReplaySettings from(Settings settings, Path systemFolder) {
    int memoryBytes = settings.get(MEMORY);
    long set = settings.get(TOTAL_MEMORY);
    long totalMemoryBytes = set > 0 ? set : PlatformDependent.maxDirectMemory() / 4;
    long fileBytes = settings.get(FILE);
    long totalFileBytes = settings.get(TOTAL_FILES);
    if (fileBytes == 0) {
      return new ReplaySettings(memoryBytes, totalMemoryBytes, Path.of(""), 0, totalFileBytes);
    }
    String given = settings.get(FOLDER);
    if (!given.isEmpty()) {
      return new ReplaySettings(
          memoryBytes, totalMemoryBytes, folder(given), fileBytes, totalFileBytes);
    }
    if (isUsable(systemFolder)) {
      return new ReplaySettings(
          memoryBytes, totalMemoryBytes, systemFolder, fileBytes, totalFileBytes);
    }
    // Nobody asked for this folder: a node on a read-only disk serves without it.
    log.warn(
        "{} can't be written to: request bodies of more than {} bytes can't go to another runner;"
            + " {} names another folder",
        systemFolder,
        memoryBytes,
        FOLDER.name());
    return new ReplaySettings(memoryBytes, totalMemoryBytes, Path.of(""), 0, totalFileBytes);
  }

  private static boolean isUsable(Path folder) {
    return Files.isDirectory(folder) && Files.isWritable(folder);
  }

  private static Path folder(String given) {
    Path folder;
    try {
      folder = Path.of(given);
    } catch (InvalidPathException e) {
      throw new SettingException(FOLDER.name() + " holds \"" + given + "\", which is no path");
    }
    if (!isUsable(folder)) {
      throw new SettingException(
          FOLDER.name()
              + ": "
              + folder
              + " is no folder that can be written to; name one, or set "
              + FILE.name()
              + "=0 to keep long bodies nowhere");
    }
    return folder;
  }
}
