package dev.fncluster.systemtests;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;

/** Looks at containers from outside, by the engine's own command. */
final class Containers {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Containers() {}

  /** The ids of all containers, running or not, that a runner with this label tag has made. */
  static List<String> ofTag(String labelTag) {
    return Commands.run(
            "docker",
            "ps",
            "--all",
            "--quiet",
            "--no-trunc",
            "--filter",
            "label=fn-agent-classifier=" + labelTag)
        .lines()
        .filter(line -> !line.isBlank())
        .toList();
  }

  /** As {@link #ofTag}, without those that only hold a network namespace. */
  static List<String> ofFunctions(String labelTag) {
    return Commands.run(
            "docker",
            "ps",
            "--all",
            "--no-trunc",
            "--format={{.ID}} {{.Names}}",
            "--filter",
            "label=fn-agent-classifier=" + labelTag)
        .lines()
        .filter(line -> !line.isBlank() && !line.contains("_prefork_"))
        .map(line -> line.substring(0, line.indexOf(' ')))
        .toList();
  }

  /** What the engine knows of a container. */
  static JsonNode inspect(String id) {
    try {
      return JSON.readTree(Commands.run("docker", "inspect", id)).get(0);
    } catch (JsonProcessingException failure) {
      throw new AssertionError("docker inspect printed no JSON", failure);
    }
  }

  /** Removes what a killed runner has left. */
  static void removeAll(String labelTag) {
    List<String> left = ofTag(labelTag);
    if (!left.isEmpty()) {
      // A frozen process can't be killed; thawing one that is not frozen fails, and does no harm.
      left.forEach(
          id -> Commands.run("sh", "-c", "docker unpause " + id + " >/dev/null 2>&1 || true"));
      List<String> command = new ArrayList<>(List.of("docker", "rm", "--force", "--volumes"));
      command.addAll(left);
      Commands.run(command.toArray(String[]::new));
    }
  }
}
