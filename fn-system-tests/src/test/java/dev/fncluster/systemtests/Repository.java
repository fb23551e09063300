package dev.fncluster.systemtests;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where things of the source tree are. */
public final class Repository {
  static final String JAVA_IMAGE = "fncluster/java-fn:0.1.0";
  static final String NODE_IMAGE = "fncluster/node-fn:0.1.0";

  private Repository() {}

  /** The root of the source tree: the parent of the folder that Maven runs the tests in. */
  public static Path root() {
    Path root = Path.of("").toAbsolutePath().getParent();
    if (root == null || !Files.isDirectory(root.resolve("fn-server"))) {
      throw new IllegalStateException(
          "system tests run in the folder of their module, not in " + Path.of("").toAbsolutePath());
    }
    return root;
  }

  /** The jar that every node is started from. */
  static Path serverJar() {
    Path jar = root().resolve("fn-server/target/fn-server.jar");
    if (!Files.isRegularFile(jar)) {
      throw new IllegalStateException(
          jar + " is missing: run mvn verify, which packages it before these tests");
    }
    return jar;
  }

  /** Where the tests leave what nodes logged. */
  static Path logs() {
    return root().resolve("fn-system-tests/target/node-logs");
  }
}
