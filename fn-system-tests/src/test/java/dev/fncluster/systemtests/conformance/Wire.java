package dev.fncluster.systemtests.conformance;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads HTTP/1.1 messages as they are, without an opinion about what may stand in them. */
final class Wire {
  /** The head of a message: its first line and its headers in their order. */
  record Head(String firstLine, List<Field> fields) {
    /** All values of a header. */
    List<String> all(String name) {
      return fields.stream()
          .filter(field -> field.name().equalsIgnoreCase(name))
          .map(Field::value)
          .toList();
    }

    /** The first value of a header, or nothing. */
    String first(String name) {
      List<String> all = all(name);
      return all.isEmpty() ? "" : all.getFirst();
    }

    /** The names of all headers as they were written. */
    List<String> names() {
      return fields.stream().map(Field::name).toList();
    }
  }

  /** One header. */
  record Field(String name, String value) {}

  private Wire() {}

  /** Reads up to and including the empty line. */
  static Head head(InputStream in) throws IOException {
    String first = line(in);
    List<Field> fields = new ArrayList<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      fields.add(new Field(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    return new Head(first, List.copyOf(fields));
  }

  /** Reads the body that belongs to a head; {@code toTheEnd} is for answers that end by closing. */
  static String body(Head head, InputStream in, boolean toTheEnd) throws IOException {
    byte[] bytes;
    if (head.first("Transfer-Encoding").equals("chunked")) {
      bytes = chunks(in);
    } else if (!head.first("Content-Length").isEmpty()) {
      int length = Integer.parseInt(head.first("Content-Length"));
      bytes = in.readNBytes(length);
      if (bytes.length < length) {
        throw new EOFException("the body ended after " + bytes.length + " of " + length + " bytes");
      }
    } else {
      bytes = toTheEnd ? in.readAllBytes() : new byte[0];
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = size(in); size > 0; size = size(in)) {
      body.writeBytes(in.readNBytes(size));
      line(in);
    }
    line(in);
    return body.toByteArray();
  }

  private static int size(InputStream in) throws IOException {
    return Integer.parseInt(line(in).strip(), 16);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection ended in a line");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }
}
