package dev.fncluster.testfunction;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A request's body, kept: in memory up to a limit, beyond it in a temporary file. Confined to one
 * thread.
 */
final class Spool implements Closeable {
  static final int MAX_BYTES_IN_MEMORY = 256 << 10;

  private byte[] buffer = new byte[4 << 10];
  private int buffered;
  private long length;
  private @Nullable Path file;

  private Spool() {}

  /** Reads a body to its end. */
  static Spool read(RequestBody body) throws IOException {
    Spool spool = new Spool();
    try {
      spool.fill(body);
      return spool;
    } catch (IOException | RuntimeException failure) {
      spool.close();
      throw failure;
    }
  }

  /** The number of bytes kept. */
  long length() {
    return length;
  }

  void writeTo(Response response) throws IOException {
    Path kept = file;
    if (kept == null) {
      response.write(buffer, 0, buffered);
      return;
    }
    try (InputStream content = Files.newInputStream(kept)) {
      int count = content.read(buffer);
      while (count >= 0) {
        response.write(buffer, 0, count);
        count = content.read(buffer);
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      Files.deleteIfExists(file);
    }
  }

  private void fill(RequestBody body) throws IOException {
    int count = body.read(buffer, buffered);
    while (count >= 0) {
      buffered += count;
      length += count;
      if (buffered == buffer.length) {
        if (buffer.length == MAX_BYTES_IN_MEMORY) {
          fillFile(body);
          return;
        }
        buffer = Arrays.copyOf(buffer, Math.min(4 * buffer.length, MAX_BYTES_IN_MEMORY));
      }
      count = body.read(buffer, buffered);
    }
  }

  private void fillFile(RequestBody body) throws IOException {
    Path kept = Files.createTempFile("body", null);
    file = kept;
    try (OutputStream content = Files.newOutputStream(kept)) {
      content.write(buffer, 0, buffered);
      int count = body.read(buffer, 0);
      while (count >= 0) {
        content.write(buffer, 0, count);
        length += count;
        count = body.read(buffer, 0);
      }
    }
  }
}
