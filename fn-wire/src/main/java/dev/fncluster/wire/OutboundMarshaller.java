package dev.fncluster.wire;

import io.grpc.MethodDescriptor;
import java.io.InputStream;

/**
 * Writes what nodes send. Pieces of bodies go from Netty's buffer into gRPC's: protobuf would copy
 * each into an array, even where its {@code unsafeWrap} is used, and then into another one.
 * Stateless.
 */
public final class OutboundMarshaller<M> implements MethodDescriptor.Marshaller<Outbound<M>> {
  private final MethodDescriptor.Marshaller<M> whole;

  /** One that writes whole messages with {@code whole}. */
  public OutboundMarshaller(MethodDescriptor.Marshaller<M> whole) {
    this.whole = whole;
  }

  @Override
  public InputStream stream(Outbound<M> value) {
    return switch (value) {
      case Whole<M>(M message) -> whole.stream(message);
      case Piece<M> piece -> piece;
    };
  }

  @Override
  public Outbound<M> parse(InputStream stream) {
    throw new UnsupportedOperationException("nodes do not receive what they send");
  }
}
