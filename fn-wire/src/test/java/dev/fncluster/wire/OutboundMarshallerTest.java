package dev.fncluster.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.fncluster.proto.CallFinished;
import dev.fncluster.proto.ClientMsg;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is what protobuf would have written. */
final class OutboundMarshallerTest {
  private static final int SENT_BEFORE = 3;

  private final OutboundMarshaller<RunnerMsg> ofRunners =
      new OutboundMarshaller<>(RunnerProtocolGrpc.getEngageMethod().getResponseMarshaller());
  private final OutboundMarshaller<ClientMsg> ofClients =
      new OutboundMarshaller<>(RunnerProtocolGrpc.getEngageMethod().getRequestMarshaller());

  private final byte[] body = new byte[70_000];
  private final ByteBuf bytes;

  OutboundMarshallerTest() {
    new Random(1).nextBytes(body);
    bytes = Unpooled.directBuffer(body.length).writeBytes(body).skipBytes(SENT_BEFORE);
  }

  @AfterEach
  void theBufferIsLeftToItsOwner() {
    assertThat(bytes.readerIndex()).isEqualTo(SENT_BEFORE);
    assertThat(bytes.refCnt()).isOne();
    bytes.release();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 123, 124, 125, 127, 128, 1024, 10_240, 16_381, 69_997})
  void piecesOfAnyLength(int length) throws IOException {
    DataFrame.Builder frame = frame(length);
    isWrittenAs(
        RunnerMsg.newBuilder().setData(frame).build(),
        ofRunners.stream(new Piece<>(bytes, length, false)));
    isWrittenAs(
        ClientMsg.newBuilder().setData(frame).build(),
        ofClients.stream(new Piece<>(bytes, length, false)));
    isWrittenAs(
        ClientMsg.newBuilder().setData(frame.setEof(true)).build(),
        ofClients.stream(new Piece<>(bytes, length, true)));
  }

  @Test
  void aPieceThatIsReadByteForByte() throws IOException {
    InputStream stream = ofClients.stream(new Piece<>(bytes, 300, true));
    assertThat(stream.readAllBytes()).isEqualTo(lastOf300());
    assertThat(stream.read()).isEqualTo(-1);
  }

  @Test
  void aPieceOfWhichSomeWasRead() throws IOException {
    InputStream stream = ofClients.stream(new Piece<>(bytes, 300, true));
    byte[] first = stream.readNBytes(10);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(first);
    all.write(drained(stream));
    assertThat(all.toByteArray()).isEqualTo(lastOf300());
  }

  @Test
  void aPieceThatIsWrittenAfterItsSenderWentOn() throws IOException {
    Piece<ClientMsg> piece = new Piece<>(bytes, 300, true);
    InputStream stream = ofClients.stream(piece);
    byte[] expected = lastOf300();
    piece.letGo();
    bytes.setZero(0, bytes.capacity());
    assertThat(drained(stream)).isEqualTo(expected);
  }

  @Test
  void otherMessages() throws IOException {
    RunnerMsg message =
        RunnerMsg.newBuilder().setFinished(CallFinished.newBuilder().setSuccess(true)).build();
    assertThat(drained(ofRunners.stream(new Whole<>(message)))).isEqualTo(message.toByteArray());
  }

  private DataFrame.Builder frame(int length) {
    return DataFrame.newBuilder().setData(ByteString.copyFrom(body, SENT_BEFORE, length));
  }

  private byte[] lastOf300() {
    return ClientMsg.newBuilder().setData(frame(300).setEof(true)).build().toByteArray();
  }

  private static void isWrittenAs(MessageLite message, InputStream stream) throws IOException {
    assertThat(stream).isInstanceOf(KnownLength.class);
    assertThat(stream.available()).isEqualTo(message.getSerializedSize());
    assertThat(drained(stream)).isEqualTo(message.toByteArray());
  }

  private static byte[] drained(InputStream stream) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(((Drainable) stream).drainTo(out)).isEqualTo(out.size());
    assertThat(stream.available()).isZero();
    return out.toByteArray();
  }
}
