package dev.fncluster.wire;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.DataFrame;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * The next bytes of a body, to be sent once: a message with a {@link DataFrame}, in the field that
 * it has in both directions. It is also the stream from which gRPC takes it. Confined to the event
 * loop of its session.
 *
 * <pre>
 *   head                                          bytes   tail, of the last piece
 *   data: length of the frame, its data: length     …     its eof: true
 * </pre>
 */
public final class Piece<M> extends InputStream implements Outbound<M>, Drainable, KnownLength {
  // Two tags of one byte, two lengths of at most five.
  private static final int MAX_HEAD = 12;
  private static final byte[] NO_TAIL = {};
  private static final byte[] EOF = {DataFrame.EOF_FIELD_NUMBER << 3, 1};

  private final byte[] head;
  private final int length;
  private final byte[] tail;
  private ByteBuf bytes;
  private int start;
  private int position;

  /**
   * A piece.
   *
   * @param bytes from whose reader index on {@code length} bytes are sent; they stay the sender's,
   *     and are read until {@link #letGo}
   * @param length more than 0
   * @param last whether the body ends with this piece
   */
  public Piece(ByteBuf bytes, int length, boolean last) {
    this.bytes = bytes;
    this.start = bytes.readerIndex();
    this.length = length;
    this.tail = last ? EOF : NO_TAIL;
    this.head = head(length, tail.length);
  }

  private static byte[] head(int length, int tail) {
    byte[] head = new byte[MAX_HEAD];
    CodedOutputStream out = CodedOutputStream.newInstance(head);
    try {
      out.writeTag(ClientMsg.DATA_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(
          CodedOutputStream.computeTagSize(DataFrame.DATA_FIELD_NUMBER)
              + CodedOutputStream.computeUInt32SizeNoTag(length)
              + length
              + tail);
      out.writeTag(DataFrame.DATA_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(length);
    } catch (IOException e) {
      throw new UncheckedIOException("an array took no bytes", e);
    }
    return Arrays.copyOf(head, out.getTotalBytesWritten());
  }

  /**
   * Reads the buffer no more. To be called when {@code sendMessage} has returned: by then gRPC has
   * written the piece, unless the stream still waits for a connection. Such a stream writes it
   * later, from a copy that is made here.
   */
  public void letGo() {
    if (available() > 0) {
      bytes = Unpooled.copiedBuffer(bytes.slice(start, length));
      start = 0;
    }
  }

  @Override
  public int available() {
    return head.length + length + tail.length - position;
  }

  @Override
  public int drainTo(OutputStream target) throws IOException {
    if (position > 0) {
      return (int) transferTo(target);
    }
    position = available();
    target.write(head);
    bytes.getBytes(start, target, length);
    target.write(tail);
    return position;
  }

  @Override
  public int read() {
    if (available() == 0) {
      return -1;
    }
    int at = position++;
    if (at < head.length) {
      return head[at] & 0xFF;
    }
    int inBytes = at - head.length;
    return inBytes < length
        ? bytes.getUnsignedByte(start + inBytes)
        : tail[inBytes - length] & 0xFF;
  }
}
