package dev.fncluster.testfunction;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The knobs that read and create files: how tests look at a container's file system from within.
 */
final class FileKnobs {
  private static final int DEFAULT_SIZE = 1 << 20;
  private static final int MAX_READ = 4 << 20;

  private FileKnobs() {}

  /** Reads and creates what is asked for, and puts contents or errors into {@code data}. */
  static void apply(Knobs knobs, Map<String, String> data) {
    String readName = knobs.text("readFile");
    if (!readName.isEmpty()) {
      read(readName, size(knobs.number("readFileSize")), data);
    }
    String createName = knobs.text("createFile");
    if (!createName.isEmpty()) {
      create(createName, size(knobs.number("createFileSize")), data);
    }
  }

  private static int size(int asked) {
    return asked > 0 ? asked : DEFAULT_SIZE;
  }

  private static void read(String name, int size, Map<String, String> data) {
    try (InputStream file = Files.newInputStream(Path.of(name))) {
      byte[] content = file.readNBytes(Math.min(size, MAX_READ));
      data.put(name + ".read_output", new String(content, StandardCharsets.UTF_8));
    } catch (IOException failure) {
      data.put(name + ".read_error", describe(failure));
    }
  }

  private static void create(String name, int size, Map<String, String> data) {
    byte[] part = new byte[64 << 10];
    try (OutputStream file = Files.newOutputStream(Path.of(name))) {
      for (int left = size; left > 0; left -= part.length) {
        file.write(part, 0, Math.min(left, part.length));
      }
    } catch (IOException failure) {
      data.put(name + ".create_error", describe(failure));
    }
  }

  private static String describe(IOException failure) {
    return failure.getClass().getSimpleName() + ": " + failure.getMessage();
  }
}
