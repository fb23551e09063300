/**
 * Measures and views in the vocabulary of opencensus-api, recorded by Micrometer.
 *
 * <p>Starting points: {@link dev.fncluster.stats.ViewRegistry} for whoever records or exports.
 */
@NullMarked
package dev.fncluster.stats;

import org.jspecify.annotations.NullMarked;
