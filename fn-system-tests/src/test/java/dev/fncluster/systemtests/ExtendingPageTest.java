package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.fncluster.api.extension.Extension;
import dev.fncluster.api.tls.TlsContexts;
import dev.fncluster.runner.driver.CallHooks;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.extension.HealthChecker;
import dev.fncluster.runner.logs.LogStreamer;
import dev.fncluster.runnerpool.RunnerPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apiguardian.api.API;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/extending.md. */
final class ExtendingPageTest {
  private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern PACKAGE = Pattern.compile("^package ([\\w.]+);", Pattern.MULTILINE);
  private static final Pattern CLASS =
      Pattern.compile("^public final class (\\w+)", Pattern.MULTILINE);

  private static final Pattern VERSION =
      Pattern.compile("<artifactId>fn-cluster</artifactId>\\s*<version>([^<]+)</version>");

  @TempDir private Path folder;

  private static List<String> examples() throws IOException {
    List<String> all = new ArrayList<>();
    Matcher matcher =
        EXAMPLE.matcher(Files.readString(Repository.root().resolve("docs/extending.md")));
    while (matcher.find()) {
      all.add(matcher.group(1));
    }
    return all;
  }

  private static String found(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    assertThat(matcher.find()).as("%s in an example", pattern).isTrue();
    return matcher.group(1);
  }

  @Test
  @Tag("docker") // Not for Docker itself: for the program's jar, which only full builds have.
  void allCompileAgainstTheProgramAloneAndUseWhatIsForOthersOnly() throws Exception {
    List<Path> sources = new ArrayList<>();
    for (String each : examples()) {
      Path file =
          folder
              .resolve(found(PACKAGE, each).replace('.', '/'))
              .resolve(found(CLASS, each) + ".java");
      Files.createDirectories(file.getParent());
      sources.add(Files.writeString(file, each));
    }
    Path classes = Files.createDirectory(folder.resolve("classes"));
    PluginJar.compile(sources, classes);
    Set<String> internal = new TreeSet<>();
    for (JavaClass each : new ClassFileImporter().importPath(classes)) {
      each.getDirectDependenciesFromSelf().stream()
          .map(it -> it.getTargetClass().getBaseComponentType().getName())
          .filter(name -> name.startsWith("dev.fncluster."))
          .filter(name -> !name.startsWith("dev.fncluster.proto."))
          .filter(name -> !isForOthers(name))
          .forEach(internal::add);
    }
    assertThat(internal).as("types without @API that the examples use").isEmpty();
  }

  private static boolean isForOthers(String name) {
    try {
      Class<?> type = Class.forName(name, false, ExtendingPageTest.class.getClassLoader());
      for (Class<?> each = type; each != null; each = each.getEnclosingClass()) {
        API api = each.getAnnotation(API.class);
        if (api != null) {
          return api.status() != API.Status.INTERNAL;
        }
      }
      return false;
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  /** What an author of plugins writes into a build. */
  @Test
  void namesTheArtifactAsTheBuildDoes() throws Exception {
    String page = Files.readString(Repository.root().resolve("docs/extending.md"));
    String build = Files.readString(Repository.root().resolve("pom.xml"));
    assertThat(page)
        .contains(
            "  <groupId>dev.fncluster</groupId>\n  <artifactId>fn-server</artifactId>\n  <version>"
                + found(VERSION, build)
                + "</version>\n");
  }

  @Test
  void everyExtensionPointHasAnExample() throws Exception {
    String all = String.join("\n", examples());
    Set<String> points = new TreeSet<>();
    for (Class<?> each : List.of(Extension.class, HealthChecker.class, RunnerPool.class)) {
      points.addAll(interfacesBeside(each));
    }
    for (Class<?> each :
        List.of(ContainerDriver.class, CallHooks.class, LogStreamer.class, TlsContexts.class)) {
      points.add(each.getSimpleName());
    }
    // Given by the node, or nothing that one writes.
    points.removeAll(
        Set.of(
            "Runner", "RunnerView", "RunnerFactory", "RunnerCall", "TryCompletion", "TryResult"));
    assertThat(points).hasSizeGreaterThan(25);
    assertThat(points)
        .allSatisfy(each ->
            assertThat(Pattern.compile("\\b" + each + "\\b").matcher(all).find())
                .as("an example with %s", each)
                .isTrue());
  }

  private static Set<String> interfacesBeside(Class<?> type) throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<JavaClass> all =
        new ClassFileImporter().importPackages(type.getPackageName()).stream()) {
      all.filter(each -> each.getPackageName().equals(type.getPackageName()))
          .filter(each -> each.isInterface() && each.isTopLevelClass())
          .filter(each -> !each.getSimpleName().equals("package-info"))
          .forEach(each -> names.add(each.getSimpleName()));
    }
    return names;
  }
}
