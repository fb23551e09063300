package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables below {@code docs/conformance} name tests that exist. */
final class ConformanceTablesTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().resolveSibling("");
  private static final Pattern REFERENCE = Pattern.compile("`([A-Z]\\w*Test)#(\\w+)`");

  @Test
  void everyTestThatATableNamesExists() throws IOException {
    List<Path> sources = files(ROOT, "Test.java");
    List<String> missing = new ArrayList<>();
    int references = 0;
    for (Path table : files(ROOT.resolve("docs").resolve("conformance"), ".md")) {
      Matcher matcher = REFERENCE.matcher(Files.readString(table));
      while (matcher.find()) {
        references++;
        if (!exists(sources, matcher.group(1), matcher.group(2))) {
          missing.add(table.getFileName() + ": " + matcher.group());
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(references).isPositive();
  }

  private static boolean exists(List<Path> sources, String type, String method) throws IOException {
    // Annotations may have braces in their parentheses.
    Pattern declaration =
        Pattern.compile("@(?:\\w*Test|Property)(?:\\([^)]*\\)|[^;{(])*\\bvoid " + method + "\\(");
    for (Path source : sources) {
      if (source.getFileName().toString().equals(type + ".java")
          && declaration.matcher(withoutTexts(Files.readString(source))).find()) {
        return true;
      }
    }
    return false;
  }

  // What stands in quotes may hold the very characters that end a declaration.
  private static String withoutTexts(String source) {
    return source
        .replaceAll("\"(?:\\\\.|[^\"\\\\\n])*\"|'(?:\\\\.|[^'\\\\\n])*'", "")
        .replaceAll("\\{[\\s,+]*}", "");
  }

  private static List<Path> files(Path folder, String end) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(path -> path.toString().endsWith(end))
          .filter(path -> !path.toString().contains("/target/"))
          .toList();
    }
  }
}
