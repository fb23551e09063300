/**
 * How nodes write what they send each other in a session. Starting point: {@link
 * dev.fncluster.wire.Outbound}.
 */
@NullMarked
package dev.fncluster.wire;

import org.jspecify.annotations.NullMarked;
