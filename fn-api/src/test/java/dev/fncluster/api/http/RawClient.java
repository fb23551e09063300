package dev.fncluster.api.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client that sends just the bytes it is told to. */
public final class RawClient implements AutoCloseable {
  /** An answer as it stood on the wire, chunks put together. */
  public record Answer(String statusLine, List<String> headers, String body) {
    public int status() {
      return Integer.parseInt(statusLine.split(" ")[1]);
    }

    public List<String> all(String name) {
      List<String> found = new ArrayList<>();
      for (String each : headers) {
        if (each.regionMatches(true, 0, name + ": ", 0, name.length() + 2)) {
          found.add(each.substring(name.length() + 2));
        }
      }
      return found;
    }

    public String header(String name) {
      List<String> found = all(name);
      return found.isEmpty() ? "" : found.get(0);
    }
  }

  private static final int TIMEOUT_MILLIS = 20_000;

  private final Socket socket = new Socket();
  private final InputStream in;
  private final OutputStream out;

  private RawClient(int port, int receiveBuffer) throws IOException {
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  public static RawClient connect(int port) throws IOException {
    return new RawClient(port, 0);
  }

  public static RawClient withReceiveBuffer(int port, int bytes) throws IOException {
    return new RawClient(port, bytes);
  }

  /** A GET, with header lines. */
  public static String get(String path, String... headers) {
    return request("GET", path, headers);
  }

  /** The head of a request, with header lines. */
  public static String request(String method, String path, String... headers) {
    StringBuilder text = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: h\r\n");
    for (String each : headers) {
      text.append(each).append("\r\n");
    }
    return text.append("\r\n").toString();
  }

  public RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public RawClient send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  public Socket socket() {
    return socket;
  }

  public InputStream in() {
    return in;
  }

  /** The next answer to a request that was no HEAD. */
  public Answer read() throws IOException {
    return read(true);
  }

  public Answer readHead() throws IOException {
    return read(false);
  }

  private Answer read(boolean withBody) throws IOException {
    String statusLine = line();
    List<String> headers = new ArrayList<>();
    for (String each = line(); !each.isEmpty(); each = line()) {
      headers.add(each);
    }
    Answer head = new Answer(statusLine, headers, "");
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if (withBody && !head.header("Content-Length").isEmpty()) {
      body.write(exactly(Integer.parseInt(head.header("Content-Length"))));
    } else if (withBody && head.header("Transfer-Encoding").equals("chunked")) {
      for (int size = chunkSize(); size > 0; size = chunkSize()) {
        body.write(exactly(size));
        line();
      }
      line();
    } else if (withBody && head.status() != 204 && head.status() != 304 && head.status() != 100) {
      in.transferTo(body);
    }
    return new Answer(statusLine, headers, body.toString(StandardCharsets.UTF_8));
  }

  /** Whether the server closes the connection without sending anything more. */
  public boolean isClosed() throws IOException {
    return in.read() < 0;
  }

  private int chunkSize() throws IOException {
    return Integer.parseInt(line(), 16);
  }

  private byte[] exactly(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("only " + bytes.length + " of " + count + " bytes");
    }
    return bytes;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the connection ended after \"" + line + "\"");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
