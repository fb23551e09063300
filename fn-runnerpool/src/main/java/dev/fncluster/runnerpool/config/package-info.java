/**
 * The pool of a load balancer as its settings describe it. Starting point: {@link
 * dev.fncluster.runnerpool.config.RunnerPools}.
 */
@NullMarked
package dev.fncluster.runnerpool.config;

import org.jspecify.annotations.NullMarked;
