package dev.fncluster.systemtests.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Jars of classes, to be compared. The same classes make the same bytes. */
final class ApiJar {
  private static final LocalDateTime ALWAYS = LocalDateTime.of(2000, 1, 1, 0, 0);

  private ApiJar() {}

  /** A jar of these classes. */
  static Path write(Path jar, List<JavaClass> classes) throws IOException {
    Map<String, byte[]> entries = new TreeMap<>();
    for (JavaClass each :
        classes.stream().sorted(Comparator.comparing(JavaClass::getName)).toList()) {
      String name = each.getName().replace('.', '/') + ".class";
      try (InputStream in = ApiJar.class.getClassLoader().getResourceAsStream(name)) {
        if (in == null) {
          throw new IOException("no class file " + name);
        }
        entries.put(name, in.readAllBytes());
      }
    }
    return write(jar, entries);
  }

  /** A jar with an interface {@code org.example.I} that has these members. */
  static Path ofSource(Path folder, String name, String members) throws IOException {
    Path work = Files.createDirectory(folder.resolve(name));
    Path source =
        Files.writeString(
            work.resolve("I.java"), "package org.example; public interface I { " + members + " }");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  null,
                  files,
                  null,
                  List.of("-proc:none", "-d", work.toString()),
                  null,
                  files.getJavaFileObjects(source))
              .call();
      if (!compiled) {
        throw new IOException("it does not compile: " + members);
      }
    }
    return write(
        folder.resolve(name + ".jar"),
        Map.of("org/example/I.class", Files.readAllBytes(work.resolve("org/example/I.class"))));
  }

  private static Path write(Path jar, Map<String, byte[]> entries) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (Map.Entry<String, byte[]> each : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(each.getKey());
        entry.setTimeLocal(ALWAYS);
        out.putNextEntry(entry);
        out.write(each.getValue());
        out.closeEntry();
      }
    }
    return jar;
  }
}
