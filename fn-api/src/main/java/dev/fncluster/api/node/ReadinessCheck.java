package dev.fncluster.api.node;

import org.jspecify.annotations.Nullable;

/** What a node needs, beyond having started, to serve. Thread-safe. */
@FunctionalInterface
public interface ReadinessCheck {
  /** Nothing is needed. */
  ReadinessCheck NONE = () -> null;

  /**
   * Looks whether the node can serve now. Called on a virtual thread for every probe; may block for
   * a few seconds.
   *
   * @return what is in the way, in a few words for the operator and without secrets; null when
   *     nothing is
   * @throws Exception any failure; the node is not ready then
   */
  @Nullable String obstacle() throws Exception;
}
