package dev.fncluster.runnerpool.grpc;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.DataFrame;
import dev.fncluster.wire.Outbound;
import dev.fncluster.wire.Piece;
import dev.fncluster.wire.Whole;
import io.grpc.ClientCall;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the event loop of the call. Sends one reading of a request body as data frames, no
 * faster than the stream takes them: at most one chunk of the body waits here.
 */
final class BodySender implements BodyConsumer {
  /** The longest piece of a body in one message, as all implementations send it. */
  static final int MAX_FRAME_BYTES = 10_240;

  private static final Outbound<ClientMsg> END =
      new Whole<>(ClientMsg.newBuilder().setData(DataFrame.newBuilder().setEof(true)).build());

  private final ClientCall<Outbound<ClientMsg>, ?> stream;
  private final Consumer<Throwable> onFailure;
  private final BodyReader reader;
  private @Nullable ByteBuf chunk;
  private boolean chunkIsLast;
  private boolean asked;
  private boolean pumping;
  private boolean mayOffer;
  private boolean over;

  /**
   * Opens a reading of {@code body}; nothing is read before {@link #pump()}.
   *
   * @param onFailure told when the body can't be read to its end
   * @throws IllegalStateException when the body can't be read again
   */
  BodySender(
      ClientCall<Outbound<ClientMsg>, ?> stream, RequestBody body, Consumer<Throwable> onFailure) {
    this.stream = stream;
    this.onFailure = onFailure;
    this.reader = body.open(this);
  }

  /**
   * Sends the first frame as soon as it is at hand, although the stream is not known to be ready
   * yet: most often that is within the same turn of the event loop, so that the frame leaves in one
   * send with what is before it.
   */
  void offer() {
    mayOffer = true;
    pump();
  }

  /** Sends what there is while the stream takes it. To be called when the stream is ready again. */
  void pump() {
    if (pumping) {
      // A chunk that came at once: the loop below goes on with it.
      return;
    }
    pumping = true;
    try {
      while (!over && (mayOffer || stream.isReady())) {
        ByteBuf current = chunk;
        if (current != null) {
          sendFrame(current);
        } else if (!asked) {
          asked = true;
          reader.request();
        } else {
          return;
        }
      }
    } finally {
      pumping = false;
    }
  }

  private void sendFrame(ByteBuf current) {
    mayOffer = false;
    int length = Math.min(current.readableBytes(), MAX_FRAME_BYTES);
    boolean eof = chunkIsLast && length == current.readableBytes();
    if (length == 0) {
      stream.sendMessage(END);
    } else {
      Piece<ClientMsg> piece = new Piece<>(current, length, eof);
      stream.sendMessage(piece);
      piece.letGo();
      current.skipBytes(length);
    }
    if (!current.isReadable()) {
      current.release();
      chunk = null;
    }
    if (eof) {
      over = true;
      // Half-closed on our side, the stream ends with the runner's last frame, without resets.
      stream.halfClose();
    }
  }

  @Override
  public void chunk(ByteBuf data, boolean last) {
    asked = false;
    if (over || (!data.isReadable() && !last)) {
      data.release();
    } else {
      chunk = data;
      chunkIsLast = last;
    }
    pump();
  }

  @Override
  public void failed(Throwable cause) {
    if (!over) {
      stop();
      onFailure.accept(cause);
    }
  }

  /** Sends nothing more and releases what it has. Idempotent. */
  void stop() {
    over = true;
    reader.cancel();
    ByteBuf current = chunk;
    if (current != null) {
      chunk = null;
      current.release();
    }
  }
}
