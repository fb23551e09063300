package dev.fncluster.runner.engage;

import dev.fncluster.proto.RunnerMsg;
import io.netty.buffer.ByteBuf;

/** What a runner sends to a load balancer. On the wire all are a {@link RunnerMsg}. */
sealed interface OutboundMessage {
  /** A message as protobuf has it. */
  record Whole(RunnerMsg message) implements OutboundMessage {
    static Whole of(RunnerMsg.Builder message) {
      return new Whole(message.build());
    }
  }

  /**
   * The next bytes of an answer: a {@link RunnerMsg} with a {@code DataFrame}.
   *
   * @param bytes from whose reader index on {@code length} bytes are sent; they are read, and not
   *     released, before {@code sendMessage} returns
   * @param length more than 0
   */
  record Piece(ByteBuf bytes, int length) implements OutboundMessage {}
}
