/**
 * Where the time of a call goes, as spans for a collector of OpenTelemetry.
 *
 * <p>Starting points: {@link dev.fncluster.api.trace.Tracing} of a node, {@link
 * dev.fncluster.api.trace.CallTrace} of a call. Without a collector, every call has {@link
 * dev.fncluster.api.trace.CallTrace#NONE}, which does nothing and allocates nothing.
 */
@NullMarked
package dev.fncluster.api.trace;

import org.jspecify.annotations.NullMarked;
