package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.testing.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The commands of a page below {@code docs/}, run as one script, as somebody would type them. */
final class DocumentPage {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\n(.*?)^```$");

  // Ends what the page has started, if it did not come to its end.
  private static final String BEGIN =
      """
      set -euo pipefail
      end() {
        local status="$?" left
        left="$(jobs -p)"
        if [[ "$status" != 0 && -d "${DIR:-}" ]]; then
          tail -n 20 "$DIR"/*.log
        fi
        if [[ -n "$left" ]]; then
          kill $left || true
          wait || true
        fi
        exit "$status"
      }
      trap end EXIT
      """;

  private DocumentPage() {}

  /** Names of ports with a free port each, for a page's environment. */
  static Map<String, String> freePorts(List<String> names) {
    return names.stream()
        .collect(Collectors.toMap(name -> name, name -> Integer.toString(FreePorts.next())));
  }

  /**
   * Runs all commands of a page and returns what they printed; fails unless the last one succeeds.
   *
   * @param folder where the script is put
   */
  static String run(String page, Path folder, Duration limit, Map<String, String> environment) {
    try {
      String text = Files.readString(Repository.root().resolve("docs").resolve(page));
      String commands =
          BLOCK.matcher(text).results().map(block -> block.group(1)).collect(Collectors.joining());
      Path script = Files.writeString(folder.resolve("page.sh"), BEGIN + commands);
      Map<String, String> all = new HashMap<>(environment);
      all.put("JAVA_HOME", System.getProperty("java.home"));
      Commands.Result result =
          Commands.run(limit, Repository.root(), all, List.of("bash", script.toString()));
      assertThat(result.exitStatus()).as(result.output()).isZero();
      return result.output();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
