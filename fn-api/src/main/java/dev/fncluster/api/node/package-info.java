/**
 * How a node's process starts, logs and stops.
 *
 * <p>Starting points: {@link dev.fncluster.api.node.Node} for whoever makes one, {@link
 * dev.fncluster.api.node.NodeMain} for its main method.
 */
@NullMarked
package dev.fncluster.api.node;

import org.jspecify.annotations.NullMarked;
