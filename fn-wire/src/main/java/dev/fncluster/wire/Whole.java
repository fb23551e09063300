package dev.fncluster.wire;

/** A message as protobuf has it. */
public record Whole<M>(M message) implements Outbound<M> {}
