/**
 * Pools whose runners come, go and fail. Starting point: {@link
 * dev.fncluster.runnerpool.pool.ChangingRunnerPool}.
 */
@NullMarked
package dev.fncluster.runnerpool.pool;

import org.jspecify.annotations.NullMarked;
