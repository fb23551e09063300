package dev.fncluster.runner.engage;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.fncluster.proto.DataFrame;
import dev.fncluster.proto.RunnerMsg;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * Writes what runners send. Pieces of answers go from Netty's buffer into gRPC's: protobuf would
 * copy each into an array, even where its {@code unsafeWrap} is used, and then into another one.
 * Stateless.
 */
final class OutboundMarshaller implements MethodDescriptor.Marshaller<OutboundMessage> {
  private final MethodDescriptor.Marshaller<RunnerMsg> whole;

  /** One that writes whole messages with {@code whole}. */
  OutboundMarshaller(MethodDescriptor.Marshaller<RunnerMsg> whole) {
    this.whole = whole;
  }

  @Override
  public InputStream stream(OutboundMessage value) {
    return switch (value) {
      case OutboundMessage.Whole(RunnerMsg message) -> whole.stream(message);
      case OutboundMessage.Piece(ByteBuf bytes, int length) -> new PieceStream(bytes, length);
    };
  }

  @Override
  public OutboundMessage parse(InputStream stream) {
    throw new UnsupportedOperationException("runners do not receive what they send");
  }

  /** What stands before the bytes, and the bytes. */
  private static final class PieceStream extends InputStream implements Drainable, KnownLength {
    // Two tags of one byte, two lengths of at most five.
    private static final int MAX_HEAD = 12;

    private final byte[] head;
    private final ByteBuf bytes;
    private final int length;
    private int position;

    PieceStream(ByteBuf bytes, int length) {
      this.head = head(length);
      this.bytes = bytes;
      this.length = length;
    }

    private static byte[] head(int length) {
      byte[] head = new byte[MAX_HEAD];
      CodedOutputStream out = CodedOutputStream.newInstance(head);
      try {
        out.writeTag(RunnerMsg.DATA_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(
            CodedOutputStream.computeTagSize(DataFrame.DATA_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(length)
                + length);
        out.writeTag(DataFrame.DATA_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(length);
      } catch (IOException e) {
        throw new UncheckedIOException("an array took no bytes", e);
      }
      return Arrays.copyOf(head, out.getTotalBytesWritten());
    }

    @Override
    public int available() {
      return head.length + length - position;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      if (position > 0) {
        return (int) transferTo(target);
      }
      position = head.length + length;
      target.write(head);
      bytes.getBytes(bytes.readerIndex(), target, length);
      return position;
    }

    @Override
    public int read() {
      if (available() == 0) {
        return -1;
      }
      int at = position++;
      return at < head.length
          ? head[at] & 0xFF
          : bytes.getUnsignedByte(bytes.readerIndex() + at - head.length);
    }
  }
}
