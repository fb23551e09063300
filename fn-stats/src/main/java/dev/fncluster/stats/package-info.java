/**
 * Measures and views in the vocabulary of opencensus-api, recorded by Micrometer and exported to
 * Prometheus.
 *
 * <p>Starting points: {@link dev.fncluster.stats.Metrics} for a node, {@link
 * dev.fncluster.stats.ViewRegistry} for whoever records, {@link dev.fncluster.stats.Buckets} and
 * {@link dev.fncluster.stats.Distributions} for whoever defines views.
 *
 * <p>Invariants: recording neither locks nor allocates; all rows of a metric have the same labels;
 * names and units of views are those of the wire contract, and only {@link
 * dev.fncluster.stats.MetricNames} decides what is exported.
 */
@NullMarked
package dev.fncluster.stats;

import org.jspecify.annotations.NullMarked;
