package dev.fncluster.systemtests;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Jars of plugins, made with nothing but the program's stock artifacts to compile them against. */
public final class PluginJar {
  private PluginJar() {}

  /**
   * The jar that the build made of the project {@code fn-system-tests/plugins/<name>}.
   *
   * @return the jar, in {@code folder}
   */
  public static Path ofProject(Path folder, String name) {
    Path jar =
        Repository.root()
            .resolve("fn-system-tests/plugins")
            .resolve(name)
            .resolve("target")
            .resolve(name + ".jar");
    try {
      return Files.copy(jar, folder.resolve(name + ".jar"));
    } catch (IOException failure) {
      throw new UncheckedIOException("no " + jar + "; mvn package makes it", failure);
    }
  }

  /**
   * Makes a jar of source texts.
   *
   * @param sources by the name of their class
   * @param services by the name of their interface; one class each
   * @return the jar, in {@code folder}
   */
  public static Path of(
      Path folder, String name, Map<String, String> sources, Map<String, String> services) {
    try {
      Path work = Files.createTempDirectory("plugin");
      List<Path> files = new ArrayList<>();
      for (Map.Entry<String, String> each : sources.entrySet()) {
        Path file = work.resolve("src").resolve(each.getKey().replace('.', '/') + ".java");
        Files.createDirectories(file.getParent());
        files.add(Files.writeString(file, each.getValue()));
      }
      Path classes = Files.createDirectory(work.resolve("classes"));
      compile(files, classes);
      for (Map.Entry<String, String> each : services.entrySet()) {
        Path file = classes.resolve("META-INF/services").resolve(each.getKey());
        Files.createDirectories(file.getParent());
        Files.writeString(file, each.getValue() + "\n");
      }
      return pack(classes, folder.resolve(name + ".jar"));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Compiles sources; fails with what the compiler says. */
  public static void compile(List<Path> sources, Path classes) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  said,
                  files,
                  null,
                  List.of(
                      "-classpath",
                      Repository.serverJar().toString(),
                      "-proc:none",
                      "-Xlint:-options",
                      "-d",
                      classes.toString()),
                  null,
                  files.getJavaFileObjectsFromPaths(sources))
              .call();
      if (!compiled) {
        throw new AssertionError("the plugin does not compile:\n" + said);
      }
    }
  }

  private static Path pack(Path classes, Path jar) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      for (Path each : files.filter(Files::isRegularFile).sorted().toList()) {
        out.putNextEntry(new ZipEntry(classes.relativize(each).toString()));
        Files.copy(each, out);
        out.closeEntry();
      }
    }
    Folders.delete(classes);
    return jar;
  }
}
