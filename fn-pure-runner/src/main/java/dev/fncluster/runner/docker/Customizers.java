package dev.fncluster.runner.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.Subject;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.extension.CreateContainerCustomizer;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * All that others change about requests for containers, in order. Thread-safe.
 *
 * @param all may be empty
 * @param runner runs them
 */
public record Customizers(List<CreateContainerCustomizer> all, ExtensionRunner runner) {
  private static final char END = 0;

  /** Copies the list. */
  public Customizers {
    all = List.copyOf(all);
  }

  /** Nobody changes anything. */
  public static Customizers none() {
    return new Customizers(List.of(), new ExtensionRunner(ExtensionRunner.DEFAULT_LIMIT));
  }

  /** Blocks, with a bound. */
  void customize(CreateContainerCmd command, ContainerSpec spec) throws InterruptedException {
    for (CreateContainerCustomizer each : all) {
      runner.run(
          each, new Subject("", spec.fnId(), spec.appId()), () -> each.customize(command, spec));
    }
  }

  String slotKeyExtension(Map<String, String> extensions) {
    if (all.isEmpty()) {
      return "";
    }
    StringBuilder joined = new StringBuilder();
    boolean any = false;
    for (CreateContainerCustomizer each : all) {
      String of = slotKeyExtension(each, extensions);
      any |= !of.isEmpty();
      joined.append(of.length()).append(':').append(of).append(END);
    }
    return any ? joined.toString() : "";
  }

  private static String slotKeyExtension(
      CreateContainerCustomizer customizer, Map<String, String> extensions) {
    try {
      return Objects.requireNonNull(customizer.slotKeyExtension(extensions), "it returned null");
    } catch (Throwable failure) {
      // The driver would be blamed otherwise.
      throw ExtensionRunner.told(customizer, Subject.NONE, failure);
    }
  }
}
