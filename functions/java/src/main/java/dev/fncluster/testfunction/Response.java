package dev.fncluster.testfunction;

import java.io.IOException;

/**
 * The answer to one call. Its head is sent with the first bytes of its body; a body is sent in
 * chunks, and an answer without one says so. Confined to its connection's thread.
 */
final class Response {
  private final ConnectionOutput output;
  private final String userHeaderPrefix;
  private final StringBuilder headers = new StringBuilder(256);
  private int status = 200;
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

  void header(String name, String value) {
    headers.append(name).append(": ").append(value).append("\r\n");
  }

  /** A header for the one who called, wrapped for the gateway where the call came by a trigger. */
  void userHeader(String name, String value) {
    header(userHeaderPrefix + name, value);
  }

  void write(byte[] source, int offset, int length) throws IOException {
    if (length == 0) {
      return;
    }
    if (!begun) {
      begun = true;
      writeHead("Transfer-Encoding: chunked\r\n");
    }
    output.write(Integer.toHexString(length));
    output.write("\r\n");
    output.write(source, offset, length);
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
    if (begun) {
      output.write("0\r\n\r\n");
    } else {
      writeHead("Content-Length: 0\r\n");
    }
    output.flush();
  }

  private void writeHead(String framing) throws IOException {
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
