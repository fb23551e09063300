package dev.fncluster.runner.docker.namespace;

import dev.fncluster.runner.docker.engine.DockerEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * The image of the containers that hold namespaces: that of the settings, or one of a single file
 * that an engine is handed, so that no registry is needed.
 *
 * @param name its name and tag
 * @param command what its containers run
 * @param tarball what the image is made of when the engine does not have it; empty for nothing
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares images.
public record NamespaceImage(String name, List<String> command, byte[] tarball) {
  private static final String REPOSITORY = "fncluster/namespace";
  private static final String FILE = "pause";

  /** The image for an engine; empty when one would have to be made and it is not known how. */
  public static Optional<NamespaceImage> of(NamespaceSettings settings, DockerEngine engine) {
    if (settings.image().isPresent()) {
      return Optional.of(
          new NamespaceImage(settings.image().get(), settings.command(), new byte[0]));
    }
    if (!engine.system().equals("linux")) {
      return Optional.empty();
    }
    return PauseProgram.of(engine.architecture())
        .map(program ->
            new NamespaceImage(
                REPOSITORY + ":" + digest(program), List.of("/" + FILE), tar(program)));
  }

  /** Hands the image to the engine; returns false when there is nothing to hand over. */
  public boolean load(DockerEngine engine) throws InterruptedException {
    if (tarball.length == 0) {
      return false;
    }
    engine.importImage(REPOSITORY, name.substring(REPOSITORY.length() + 1), tarball);
    return true;
  }

  private static byte[] tar(byte[] program) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry entry = new TarArchiveEntry(FILE);
      entry.setSize(program.length);
      entry.setMode(0755);
      // The same bytes at every start.
      entry.setModTime(0);
      tar.putArchiveEntry(entry);
      tar.write(program);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static String digest(byte[] program) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(program);
      return HexFormat.of().formatHex(digest, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
