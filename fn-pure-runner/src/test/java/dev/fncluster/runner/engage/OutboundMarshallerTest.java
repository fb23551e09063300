package dev.fncluster.runner.engage;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fncluster.proto.CallFinished;
import dev.fncluster.proto.DataFrame;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.proto.RunnerProtocolGrpc;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is what protobuf would have written. */
final class OutboundMarshallerTest {
  private final OutboundMarshaller marshaller =
      new OutboundMarshaller(RunnerProtocolGrpc.getEngageMethod().getResponseMarshaller());

  private final byte[] answer = new byte[70_000];

  /** A buffer of which the first bytes were sent before. */
  private ByteBuf buffer() {
    new Random(1).nextBytes(answer);
    return Unpooled.directBuffer(answer.length).writeBytes(answer).skipBytes(3);
  }

  private byte[] expected(int length) {
    return RunnerMsg.newBuilder()
        .setData(DataFrame.newBuilder().setData(ByteString.copyFrom(answer, 3, length)))
        .build()
        .toByteArray();
  }

  private static byte[] drained(InputStream stream) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(((Drainable) stream).drainTo(out)).isEqualTo(out.size());
    assertThat(stream.available()).isZero();
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 124, 125, 127, 128, 1024, EngageSession.MAX_FRAME, 16_381, 69_997})
  void piecesOfAnyLength(int length) throws IOException {
    ByteBuf bytes = buffer();
    try {
      InputStream stream = marshaller.stream(new OutboundMessage.Piece(bytes, length));
      assertThat(stream).isInstanceOf(KnownLength.class);
      assertThat(stream.available()).isEqualTo(expected(length).length);
      assertThat(drained(stream)).isEqualTo(expected(length));
      assertThat(bytes.readerIndex()).as("left to its owner").isEqualTo(3);
      assertThat(bytes.refCnt()).isOne();
    } finally {
      bytes.release();
    }
  }

  @Test
  void aPieceThatIsReadByteForByte() throws IOException {
    ByteBuf bytes = buffer();
    try {
      InputStream stream = marshaller.stream(new OutboundMessage.Piece(bytes, 300));
      assertThat(stream.readAllBytes()).isEqualTo(expected(300));
      assertThat(stream.read()).isEqualTo(-1);
    } finally {
      bytes.release();
    }
  }

  @Test
  void aPieceOfWhichSomeWasRead() throws IOException {
    ByteBuf bytes = buffer();
    try {
      InputStream stream = marshaller.stream(new OutboundMessage.Piece(bytes, 300));
      byte[] first = stream.readNBytes(10);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.write(first);
      all.write(drained(stream));
      assertThat(all.toByteArray()).isEqualTo(expected(300));
    } finally {
      bytes.release();
    }
  }

  @Test
  void otherMessages() throws IOException {
    RunnerMsg.Builder message =
        RunnerMsg.newBuilder().setFinished(CallFinished.newBuilder().setSuccess(true));
    InputStream stream = marshaller.stream(OutboundMessage.Whole.of(message));
    assertThat(drained(stream)).isEqualTo(message.build().toByteArray());
  }
}
