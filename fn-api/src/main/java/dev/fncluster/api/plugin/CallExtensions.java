package dev.fncluster.api.plugin;

import dev.fncluster.api.extension.CallListener;
import dev.fncluster.api.extension.CallOverrider;
import java.util.List;

/**
 * What an agent lets others do to its calls.
 *
 * @param overriders that change calls, in this order
 * @param listeners that hear of calls, in this order
 * @param runner runs all of them
 */
public record CallExtensions(
    List<CallOverrider> overriders, List<CallListener> listeners, ExtensionRunner runner) {
  /** Copies the lists. */
  public CallExtensions {
    overriders = List.copyOf(overriders);
    listeners = List.copyOf(listeners);
  }

  /** Overriders only. */
  public CallExtensions(List<CallOverrider> overriders, ExtensionRunner runner) {
    this(overriders, List.of(), runner);
  }

  /** Nobody does anything. */
  public static CallExtensions none() {
    return new CallExtensions(List.of(), new ExtensionRunner(ExtensionRunner.DEFAULT_LIMIT));
  }

  /** The same without overriders. */
  public CallExtensions listenersOnly() {
    return new CallExtensions(List.of(), listeners, runner);
  }

  /** The same without listeners. */
  public CallExtensions overridersOnly() {
    return new CallExtensions(overriders, List.of(), runner);
  }
}
