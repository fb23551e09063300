package dev.fncluster.runner.engage;

import com.google.protobuf.UnsafeByteOperations;
import dev.fncluster.proto.DataFrame;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.proto.RunnerProtocolGrpc;
import io.grpc.Drainable;
import io.grpc.MethodDescriptor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * A KiB of an answer on its way from Netty's buffer into gRPC's, beside the same by protobuf. On
 * Netty's own threads it takes an array less than here.
 */
@State(Scope.Benchmark)
public class AnswerPieceBenchmark {
  private static final int LENGTH = 1024;

  private final MethodDescriptor.Marshaller<RunnerMsg> protobuf =
      RunnerProtocolGrpc.getEngageMethod().getResponseMarshaller();
  private final OutboundMarshaller own = new OutboundMarshaller(protobuf);
  private final ByteBuf answer =
      ByteBufAllocator.DEFAULT
          .directBuffer(LENGTH)
          .writeBytes("x".repeat(LENGTH).getBytes(StandardCharsets.US_ASCII));
  private final ByteBuf out = Unpooled.directBuffer(2 * LENGTH);

  /** As runners do it. */
  @Benchmark
  public ByteBuf answerPiece() throws IOException {
    return drained(own.stream(new OutboundMessage.Piece(answer, LENGTH)));
  }

  /** By protobuf alone. */
  @Benchmark
  public ByteBuf answerPieceByProtobuf() throws IOException {
    DataFrame.Builder frame =
        DataFrame.newBuilder()
            .setData(
                UnsafeByteOperations.unsafeWrap(answer.nioBuffer(answer.readerIndex(), LENGTH)));
    return drained(protobuf.stream(RunnerMsg.newBuilder().setData(frame).build()));
  }

  private ByteBuf drained(InputStream message) throws IOException {
    int unused = ((Drainable) message).drainTo(new ByteBufOutputStream(out.clear()));
    return out;
  }
}
