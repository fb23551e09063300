/**
 * Runs the benchmarks, which stand in the packages of what they measure.
 *
 * <p>{@link dev.fncluster.benchmarks.Pieces} is the program behind {@code bin/bench --pieces};
 * {@link dev.fncluster.benchmarks.PiecesTest} sees to it that all of them work.
 */
@NullMarked
package dev.fncluster.benchmarks;

import org.jspecify.annotations.NullMarked;
