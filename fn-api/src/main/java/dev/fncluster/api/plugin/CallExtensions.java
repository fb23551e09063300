package dev.fncluster.api.plugin;

import dev.fncluster.api.extension.CallOverrider;
import java.util.List;

/**
 * What an agent lets others do to its calls.
 *
 * @param overriders that change calls, in this order
 * @param runner runs all of them
 */
public record CallExtensions(List<CallOverrider> overriders, ExtensionRunner runner) {
  /** Copies the list. */
  public CallExtensions {
    overriders = List.copyOf(overriders);
  }

  /** Nobody does anything. */
  public static CallExtensions none() {
    return new CallExtensions(List.of(), new ExtensionRunner(ExtensionRunner.DEFAULT_LIMIT));
  }
}
