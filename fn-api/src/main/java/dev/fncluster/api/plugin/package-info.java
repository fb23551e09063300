/**
 * How a node runs and finds extensions: limits on their time, what their failures become, the jars
 * they come from. What they implement is in {@code dev.fncluster.api.extension}.
 *
 * <p>Starting point: {@link dev.fncluster.api.plugin.ExtensionRunner}.
 */
@NullMarked
package dev.fncluster.api.plugin;

import org.jspecify.annotations.NullMarked;
