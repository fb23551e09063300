package dev.fncluster.systemtests.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Sends requests that no well-bred client would, and reads what comes to the last byte. */
final class WireClient {
  private static final int LIMIT_MILLIS = 90_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** An answer; its body is without chunks. */
  record Answer(int status, Wire.Head head, String body) {
    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (JsonProcessingException failure) {
        throw new AssertionError("not JSON: " + body, failure);
      }
    }

    /** The text of an error in the form that all of them have. */
    String message() {
      return json().path("message").asText();
    }
  }

  private final int port;

  WireClient(int port) {
    this.port = port;
  }

  int port() {
    return port;
  }

  /** Sends one request and reads its answer, which ends the connection. */
  Answer send(String method, String target, String body, String... headers) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    if (List.of(headers).stream().noneMatch(header -> header.startsWith("Host:"))) {
      head.append("Host: localhost:").append(port).append("\r\n");
    }
    if (List.of(headers).stream().noneMatch(header -> header.startsWith("Connection:"))) {
      head.append("Connection: close\r\n");
    }
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    if (bytes.length > 0 || method.equals("POST") || method.equals("PUT")) {
      head.append("Content-Length: ").append(bytes.length).append("\r\n");
    }
    head.append("\r\n");
    return raw(method, head.toString().getBytes(StandardCharsets.UTF_8), bytes);
  }

  /** Sends what is given; {@code method} says whether the answer has a body. */
  Answer raw(String method, byte[]... parts) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(LIMIT_MILLIS);
      for (byte[] part : parts) {
        socket.getOutputStream().write(part);
      }
      socket.getOutputStream().flush();
      InputStream in = new BufferedInputStream(socket.getInputStream());
      Wire.Head head = Wire.head(in);
      int status = Integer.parseInt(head.firstLine().split(" ", -1)[1]);
      boolean bodiless = method.equals("HEAD") || status == 204 || status == 304;
      return new Answer(status, head, bodiless ? rest(in) : Wire.body(head, in, true));
    }
  }

  // Nothing may come where no body belongs.
  private static String rest(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }
}
