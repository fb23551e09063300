package dev.fncluster.wire;

import com.google.protobuf.UnsafeByteOperations;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.DataFrame;
import dev.fncluster.proto.RunnerProtocolGrpc;
import io.grpc.Drainable;
import io.grpc.MethodDescriptor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A piece of a body on its way from Netty's buffer into gRPC's, beside the same by protobuf. On
 * Netty's own threads it takes an array less than here.
 */
@State(Scope.Benchmark)
public class BodyPieceBenchmark {
  /** A short body, and as much as goes into one message. */
  @Param({"1024", "10240"})
  public int length;

  private final MethodDescriptor.Marshaller<ClientMsg> protobuf =
      RunnerProtocolGrpc.getEngageMethod().getRequestMarshaller();
  private final OutboundMarshaller<ClientMsg> own = new OutboundMarshaller<>(protobuf);
  private final ByteBuf out = Unpooled.directBuffer(16 * 1024);
  private ByteBuf body = Unpooled.EMPTY_BUFFER;

  /** Fills the body. */
  @Setup
  public void fill() {
    body = ByteBufAllocator.DEFAULT.directBuffer(length).writeBytes(new byte[length]);
  }

  /** As nodes do it. */
  @Benchmark
  public ByteBuf piece() throws IOException {
    Piece<ClientMsg> piece = new Piece<>(body, length, true);
    ByteBuf written = drained(own.stream(piece));
    piece.letGo();
    return written;
  }

  /** By protobuf alone. */
  @Benchmark
  public ByteBuf pieceByProtobuf() throws IOException {
    DataFrame.Builder frame =
        DataFrame.newBuilder()
            .setData(UnsafeByteOperations.unsafeWrap(body.nioBuffer(body.readerIndex(), length)))
            .setEof(true);
    return drained(protobuf.stream(ClientMsg.newBuilder().setData(frame).build()));
  }

  private ByteBuf drained(InputStream message) throws IOException {
    int unused = ((Drainable) message).drainTo(new ByteBufOutputStream(out.clear()));
    return out;
  }
}
