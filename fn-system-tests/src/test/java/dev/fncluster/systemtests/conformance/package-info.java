/**
 * The contract of the HTTP surface, case by case, at nodes that run in this process over a function
 * that a test scripts. {@code docs/conformance} says which test has which case.
 *
 * <p>Starting points: {@link dev.fncluster.systemtests.conformance.LocalCluster}, {@link
 * dev.fncluster.systemtests.conformance.WireClient}.
 */
@NullMarked
package dev.fncluster.systemtests.conformance;

import org.jspecify.annotations.NullMarked;
