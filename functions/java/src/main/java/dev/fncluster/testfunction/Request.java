package dev.fncluster.testfunction;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 request.
 *
 * @param method as sent
 * @param path as sent
 * @param headers values by name, in any case, in the order they came
 * @param body what follows the head; reading it reads the connection
 */
record Request(
    String method, String path, TreeMap<String, List<String>> headers, RequestBody body) {

  /**
   * Reads the head of the next request.
   *
   * @return null when the peer has closed the connection between two requests
   * @throws IOException if the connection breaks or what comes is not HTTP/1.1
   */
  static @Nullable Request read(ConnectionInput input) throws IOException {
    String requestLine = input.readLine();
    if (requestLine == null) {
      return null;
    }
    int methodEnd = requestLine.indexOf(' ');
    int pathEnd = requestLine.indexOf(' ', methodEnd + 1);
    if (methodEnd <= 0 || pathEnd < 0 || !requestLine.startsWith("HTTP/1.", pathEnd + 1)) {
      throw new IOException("not a request line of HTTP/1.1");
    }
    TreeMap<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    String line = input.readLine();
    while (line != null && !line.isEmpty()) {
      int colon = line.indexOf(':');
      if (colon <= 0) {
        throw new IOException("header line without a name");
      }
      headers
          .computeIfAbsent(line.substring(0, colon), name -> new ArrayList<>(1))
          .add(line.substring(colon + 1).strip());
      line = input.readLine();
    }
    if (line == null) {
      throw new IOException("connection closed within a request head");
    }
    return new Request(
        requestLine.substring(0, methodEnd),
        requestLine.substring(methodEnd + 1, pathEnd),
        headers,
        RequestBody.of(
            input, first(headers, "Transfer-Encoding"), first(headers, "Content-Length")));
  }

  /** The first value of a header, or null. */
  @Nullable String header(String name) {
    return first(headers, name);
  }

  /**
   * Whether the call came by a trigger, so that headers of the answer are wrapped for the gateway.
   */
  boolean isGatewayIntent() {
    return "httprequest".equals(header("Fn-Intent"));
  }

  boolean wantsClose() {
    return "close".equalsIgnoreCase(header("Connection"));
  }

  private static @Nullable String first(TreeMap<String, List<String>> headers, String name) {
    List<String> values = headers.get(name);
    return values == null ? null : values.getFirst();
  }
}
