package dev.fncluster.testfunction;

import java.io.IOException;

/**
 * The answer to one call. Its head is sent with the first bytes of its body. A body whose length is
 * not told before is sent in chunks. Confined to its connection's thread.
 */
final class Response {
  private final ConnectionOutput output;
  private final String userHeaderPrefix;
  private final StringBuilder headers = new StringBuilder(256);
  private int status = 200;
  private long length = -1;
  private boolean begun;
  private boolean finished;

  Response(ConnectionOutput output, boolean gatewayIntent) {
    this.output = output;
    this.userHeaderPrefix = gatewayIntent ? "Fn-Http-H-" : "";
  }

  void status(int status) {
    this.status = status;
  }

  /** The status that a trigger's client shall see; the function itself has answered well. */
  void userStatus(int status) {
    header("Fn-Http-Status", Integer.toString(status));
  }

  /** Tells the length of the body that follows, in bytes. */
  void length(long bytes) {
    length = bytes;
  }

  void header(String name, String value) {
    headers.append(name).append(": ").append(value).append("\r\n");
  }

  /** A header for the one who called, wrapped for the gateway where the call came by a trigger. */
  void userHeader(String name, String value) {
    header(userHeaderPrefix + name, value);
  }

  void write(byte[] source, int offset, int count) throws IOException {
    if (count == 0) {
      return;
    }
    begin();
    if (length >= 0) {
      output.write(source, offset, count);
      return;
    }
    output.write(Integer.toHexString(count));
    output.write("\r\n");
    output.write(source, offset, count);
    output.write("\r\n");
  }

  /** Sends what has been written; nothing before the first byte of the body. */
  void flush() throws IOException {
    output.flush();
  }

  /** Ends the answer and sends it. Does nothing the second time. */
  void finish() throws IOException {
    if (finished) {
      return;
    }
    finished = true;
    if (!begun) {
      length = Math.max(length, 0);
      begin();
    } else if (length < 0) {
      output.write("0\r\n\r\n");
    }
    output.flush();
  }

  private void begin() throws IOException {
    if (begun) {
      return;
    }
    begun = true;
    String framing =
        length < 0 ? "Transfer-Encoding: chunked\r\n" : "Content-Length: " + length + "\r\n";
    output.write("HTTP/1.1 " + status + " " + reason() + "\r\n" + headers + framing + "\r\n");
  }

  private String reason() {
    return switch (status) {
      case 200 -> "OK";
      case 400 -> "Bad Request";
      case 502 -> "Bad Gateway";
      case 504 -> "Gateway Timeout";
      default -> "Status";
    };
  }
}
