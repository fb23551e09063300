/**
 * Has callers show tokens before they are served.
 *
 * <p>Starting point: {@link dev.fncluster.api.guard.Guard}.
 */
@NullMarked
package dev.fncluster.api.guard;

import org.jspecify.annotations.NullMarked;
