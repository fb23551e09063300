/**
 * What was read of a request body and may be needed again for another runner: in memory at first,
 * in a nameless file when it gets long.
 *
 * <p>Starting point: {@link dev.fncluster.api.replay.ReplayBuffer}.
 */
@NullMarked
package dev.fncluster.api.replay;

import org.jspecify.annotations.NullMarked;
