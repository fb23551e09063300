package dev.fncluster.wire;

/**
 * What a node sends in a session.
 *
 * @param <M> what it is on the wire: {@code ClientMsg} of a load balancer, {@code RunnerMsg} of a
 *     runner
 */
public sealed interface Outbound<M> permits Whole, Piece {}
