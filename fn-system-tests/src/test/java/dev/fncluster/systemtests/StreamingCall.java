package dev.fncluster.systemtests;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A call whose request is still being sent while its response is read already, which common HTTP
 * clients don't do. The request's body is chunked. One thread may send while another reads.
 */
final class StreamingCall implements AutoCloseable {
  private static final int READ_LIMIT_MILLIS = 60_000;

  private final Socket socket;
  private final InputStream input;
  private final OutputStream output;
  private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private int status;
  private boolean chunked;
  private long remaining;
  private boolean ended;

  private StreamingCall(Socket socket) throws IOException {
    this.socket = socket;
    this.input = new BufferedInputStream(socket.getInputStream(), 64 << 10);
    this.output = new BufferedOutputStream(socket.getOutputStream(), 64 << 10);
  }

  /** Connects and sends the head of the request. */
  static StreamingCall post(URI uri) throws IOException {
    Socket socket = new Socket(uri.getHost(), uri.getPort());
    try {
      socket.setSoTimeout(READ_LIMIT_MILLIS);
      StreamingCall call = new StreamingCall(socket);
      call.output.write(
          ("POST "
                  + uri.getPath()
                  + " HTTP/1.1\r\nHost: "
                  + uri.getAuthority()
                  + "\r\nConnection: close\r\n"
                  + "Content-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
              .getBytes(StandardCharsets.ISO_8859_1));
      call.output.flush();
      return call;
    } catch (IOException | RuntimeException failure) {
      socket.close();
      throw failure;
    }
  }

  /** Sends a part of the body. */
  void send(byte[] part, int length) throws IOException {
    output.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    output.write(part, 0, length);
    output.write(new byte[] {'\r', '\n'});
    output.flush();
  }

  /** Ends the body. */
  void endRequest() throws IOException {
    output.write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
    output.flush();
  }

  /** Waits for the head of the response and returns its status. */
  int readHead() throws IOException {
    String statusLine = readLine();
    status = Integer.parseInt(statusLine.split(" ", 3)[1]);
    String line = readLine();
    while (!line.isEmpty()) {
      int colon = line.indexOf(':');
      headers.putIfAbsent(line.substring(0, colon), line.substring(colon + 1).strip());
      line = readLine();
    }
    chunked =
        headers.getOrDefault("Transfer-Encoding", "").toLowerCase(Locale.ROOT).contains("chunked");
    remaining = chunked ? 0 : Long.parseLong(headers.getOrDefault("Content-Length", "0"));
    ended = !chunked && remaining == 0;
    return status;
  }

  /** The first value of a header of the response; empty when there is none. */
  String header(String name) {
    return headers.getOrDefault(name, "");
  }

  /**
   * Reads a part of the response's body.
   *
   * @return the number of bytes, at least 1; -1 at the proper end of the body
   * @throws EOFException when the connection ended before the body did
   */
  int read(byte[] target) throws IOException {
    if (ended) {
      return -1;
    }
    if (chunked && remaining == 0) {
      remaining = Long.parseLong(readLine().split(";", 2)[0].strip(), 16);
      if (remaining == 0) {
        ended = true;
        return -1;
      }
    }
    int count = input.read(target, 0, (int) Math.min(target.length, remaining));
    if (count < 0) {
      throw new EOFException("the connection ended within the body");
    }
    remaining -= count;
    if (remaining == 0) {
      if (chunked) {
        readLine();
      } else {
        ended = true;
      }
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private String readLine() throws IOException {
    StringBuilder line = new StringBuilder();
    int next = input.read();
    while (next != '\n') {
      if (next < 0) {
        throw new EOFException("the connection ended within a line");
      }
      line.append((char) next);
      next = input.read();
    }
    int length = line.length();
    return length > 0 && line.charAt(length - 1) == '\r'
        ? line.substring(0, length - 1)
        : line.toString();
  }
}
