package dev.fncluster.api.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What this program is.
 *
 * @param version of the build
 */
public record BuildInfo(String version) {
  private static final String RESOURCE = "build.properties";

  /** What the build wrote down. */
  public static BuildInfo load() {
    Properties properties = new Properties();
    try (InputStream in = BuildInfo.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("the build lacks " + RESOURCE);
      }
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("can't read " + RESOURCE, e);
    }
    return new BuildInfo(properties.getProperty("version", ""));
  }
}
