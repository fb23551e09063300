package dev.fncluster.api.http;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Speaks HTTP/2 frame by frame, so that it can do what no real client would. */
final class FrameClient implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  /** A frame as it came. */
  record Frame(int type, int flags, int stream, byte[] payload) {
    boolean endsStream() {
      return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    /** The error code of a RST_STREAM. */
    int errorCode() {
      return payload[payload.length - 1] & 0xFF;
    }
  }

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private boolean broken;

  private FrameClient(Socket socket) throws IOException {
    this.socket = socket;
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(socket.getOutputStream());
  }

  static FrameClient connect(int port) throws IOException {
    return connect(port, new Socket());
  }

  static FrameClient withReceiveBuffer(int port, int bytes) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(bytes);
    return connect(port, socket);
  }

  private static FrameClient connect(int port, Socket socket) throws IOException {
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout(60_000);
    socket.setTcpNoDelay(true);
    return on(socket);
  }

  /** Begins to speak on a connection that nothing was sent on yet. */
  static FrameClient on(Socket socket) throws IOException {
    FrameClient client = new FrameClient(socket);
    client.out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    client.send(SETTINGS, 0, 0, new byte[0]);
    return client;
  }

  void send(int type, int flags, int stream, byte[] payload) throws IOException {
    send(type, flags, stream, payload, payload.length);
  }

  void send(int type, int flags, int stream, byte[] payload, int length) throws IOException {
    out.write(frame(type, flags, stream, Arrays.copyOf(payload, length)));
    out.flush();
  }

  /** A frame as it is on the wire. */
  static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .putInt(payload.length << 8 | type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** Opens a stream with a request. */
  void request(int stream, boolean end, String method, String path, String... headers)
      throws IOException {
    send(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, block(method, path, headers));
  }

  static byte[] block(String method, String path, String... headers) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    field(block, ":method", method);
    field(block, ":scheme", "http");
    field(block, ":path", path);
    field(block, ":authority", "localhost");
    for (int i = 0; i < headers.length; i += 2) {
      field(block, headers[i], headers[i + 1]);
    }
    return block.toByteArray();
  }

  /** A head of just these fields. */
  static byte[] fields(String... fields) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < fields.length; i += 2) {
      field(block, fields[i], fields[i + 1]);
    }
    return block.toByteArray();
  }

  // Not indexed, not compressed; lengths up to 126 fit in their byte.
  private static void field(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    block.write(name.length());
    block.writeBytes(name.getBytes(StandardCharsets.ISO_8859_1));
    block.write(value.length());
    block.writeBytes(value.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The next frame, or null when the server has closed. */
  @Nullable Frame next() throws IOException {
    try {
      int lengthAndType = in.readInt();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      byte[] payload = new byte[lengthAndType >>> 8];
      in.readFully(payload);
      return new Frame(lengthAndType & 0xFF, flags, stream, payload);
    } catch (EOFException e) {
      return null;
    } catch (SocketException e) {
      broken = true;
      return null;
    }
  }

  /** The next frame of that type. */
  Frame await(int type) throws IOException {
    for (Frame frame = next(); frame != null; frame = next()) {
      if (frame.type == type) {
        return frame;
      }
    }
    throw new AssertionError("the server closed before a frame of type " + type + " came");
  }

  /**
   * Reads until the server closes; whether it said goodbye with an error before. A broken
   * connection is one too: what a client still sends makes the goodbye get lost.
   */
  boolean isRefused() throws IOException {
    boolean refused = false;
    for (Frame frame = next(); frame != null; frame = next()) {
      refused |= frame.type == GOAWAY && frame.payload[7] != 0;
    }
    return refused || broken;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
