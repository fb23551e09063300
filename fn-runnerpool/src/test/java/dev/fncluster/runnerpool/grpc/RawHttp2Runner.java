package dev.fncluster.runnerpool.grpc;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A runner that speaks HTTP/2 frame by frame, to end streams and connections in ways that no gRPC
 * server can be made to. Each stream gets the same frame for an answer.
 */
final class RawHttp2Runner implements AutoCloseable {
  static final int NO_ERROR = 0;
  static final int INTERNAL_ERROR = 2;
  static final int REFUSED_STREAM = 7;
  static final int CANCEL = 8;
  static final int ENHANCE_YOUR_CALM = 11;

  private static final int PREFACE_BYTES = 24;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int ACK = 1;
  private static final int MAX_PAYLOAD = 1 << 20;

  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final Answer answer;

  /** What a stream gets when its head has come. */
  interface Answer {
    byte[] to(int stream);
  }

  private RawHttp2Runner(Answer answer) throws IOException {
    this.answer = answer;
    Thread.startVirtualThread(this::acceptAll);
  }

  static RawHttp2Runner answering(Answer answer) throws IOException {
    return new RawHttp2Runner(answer);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** The end of one stream. */
  static byte[] reset(int stream, int error) {
    return frame(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(error).array());
  }

  /** No stream after {@code last} was processed. */
  static byte[] goAway(int last, int error) {
    return frame(GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(last).putInt(error).array());
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        Thread.startVirtualThread(() -> serve(socket));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      out.write(frame(SETTINGS, 0, 0, new byte[0]));
      in.readFully(new byte[PREFACE_BYTES]);
      while (true) {
        int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        if (length > MAX_PAYLOAD) {
          throw new IOException("a frame of " + length + " bytes");
        }
        in.readFully(new byte[length]);
        if (type == SETTINGS && (flags & ACK) == 0) {
          out.write(frame(SETTINGS, ACK, 0, new byte[0]));
        } else if (type == HEADERS) {
          out.write(answer.to(stream));
        }
      }
    } catch (IOException ended) {
      // The other end has left, or the test is over.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
