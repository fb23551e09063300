/**
 * The two entrances for calls: {@code /invoke/{fn_id}} and HTTP triggers. They turn requests into
 * calls and hand these to a {@link dev.fncluster.api.call.CallAgent}.
 *
 * <p>Starting point: {@link dev.fncluster.api.invoke.InvokeRoutes}.
 */
@NullMarked
package dev.fncluster.api.invoke;

import org.jspecify.annotations.NullMarked;
