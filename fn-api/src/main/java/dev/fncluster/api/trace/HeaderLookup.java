package dev.fncluster.api.trace;

import org.jspecify.annotations.Nullable;

/** Finds headers by name, in whatever has them. */
@FunctionalInterface
public interface HeaderLookup {
  /**
   * The first header of that name.
   *
   * @param name in any case
   * @return null for none
   */
  @Nullable String first(String name);
}
