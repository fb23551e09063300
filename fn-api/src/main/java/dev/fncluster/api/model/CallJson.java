package dev.fncluster.api.model;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form in which a {@link Call} travels from a load balancer to a runner.
 *
 * <p>Writes with the names, omissions and order that other implementations use; reads with any case
 * of the keys, ignoring keys it does not know. Streaming on purpose: this is on the way of every
 * call.
 */
public final class CallJson {
  /** The longest JSON text that is read, in bytes: what fits into one message of the protocol. */
  public static final int MAX_LENGTH = 4 * 1024 * 1024;

  static final JsonFactory FACTORY =
      JsonFactory.builder()
          // Names of headers and settings come from anybody: they must not fill the JVM's table.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxDocumentLength(MAX_LENGTH)
                  .maxStringLength(MAX_LENGTH)
                  .maxNestingDepth(200)
                  .build())
          .build();

  private CallJson() {}

  /** The JSON of {@code call}. */
  public static String write(Call call) {
    return new String(writeBytes(call), StandardCharsets.UTF_8);
  }

  /** The JSON of {@code call} in UTF-8. */
  public static byte[] writeBytes(Call call) {
    BufferRecycler recycler = FACTORY._getBufferRecycler();
    try (ByteArrayBuilder out = new ByteArrayBuilder(recycler)) {
      write(call, out);
      return out.getClearAndRelease();
    } catch (IOException e) {
      throw new IllegalArgumentException("call can't be written as JSON: " + e.getMessage(), e);
    } finally {
      recycler.releaseToPool();
    }
  }

  private static void write(Call call, OutputStream out) throws IOException {
    SharedFields shared = call.shared();
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("id", call.id());
      json.writeStringField("status", call.status());
      write(json, call, shared, CallPiece.IMAGE);
      json.writeStringField("type", call.type().text());
      optional(json, "payload", call.payload());
      optional(json, "url", call.url());
      optional(json, "method", call.method());
      write(json, call, shared, CallPiece.LIMITS);
      writeHeaders(json, call.headers());
      write(json, call, shared, CallPiece.SYSLOG);
      json.writeStringField("completed_at", Timestamps.format(call.completedAt()));
      json.writeStringField("created_at", Timestamps.format(call.createdAt()));
      json.writeStringField("started_at", Timestamps.format(call.startedAt()));
      optional(json, "execution_duration", call.executionNanos());
      optional(json, "error", call.error());
      write(json, call, shared, CallPiece.APP);
      json.writeStringField("trigger_id", call.triggerId());
      write(json, call, shared, CallPiece.FN);
      json.writeEndObject();
    }
  }

  private static void write(
      JsonGenerator json, Call call, @Nullable SharedFields shared, CallPiece piece)
      throws IOException {
    if (shared == null) {
      piece.write(json, call);
    } else {
      json.writeRaw(shared.json(piece));
    }
  }

  /** The fields of {@code piece} as they stand in the JSON of {@code call}, after others. */
  static String piece(CallPiece piece, Call call) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      json.writeStartObject();
      piece.write(json, call);
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalArgumentException("call can't be written as JSON: " + e.getMessage(), e);
    }
    StringBuffer object = text.getBuffer();
    String fields = object.substring(1, object.length() - 1);
    return fields.isEmpty() ? "" : "," + fields;
  }

  static void writeImage(JsonGenerator json, Call call) throws IOException {
    optional(json, "image", call.image());
  }

  static void writeLimits(JsonGenerator json, Call call) throws IOException {
    optional(json, "timeout", call.timeout());
    optional(json, "idle_timeout", call.idleTimeout());
    optional(json, "tmpfs_size", call.tmpfsSize());
    if (call.memory() != 0) {
      json.writeFieldName("memory");
      json.writeRawValue(Long.toUnsignedString(call.memory()));
    }
    if (call.cpus() != 0) {
      json.writeStringField("cpus", MilliCpus.format(call.cpus()));
    }
    if (!call.config().isEmpty()) {
      json.writeFieldName("config");
      writeConfig(json, call.config());
    }
    if (!call.annotations().isEmpty()) {
      json.writeFieldName("annotations");
      writeAnnotations(json, call.annotations());
    }
  }

  static void writeSyslog(JsonGenerator json, Call call) throws IOException {
    optional(json, "syslog_url", call.syslogUrl());
  }

  static void writeApp(JsonGenerator json, Call call) throws IOException {
    json.writeStringField("app_id", call.appId());
    json.writeStringField("app_name", call.appName());
  }

  static void writeFn(JsonGenerator json, Call call) throws IOException {
    json.writeStringField("fn_id", call.fnId());
  }

  private static void writeConfig(JsonGenerator json, Map<String, String> config)
      throws IOException {
    json.writeStartObject();
    for (Map.Entry<String, String> each : new TreeMap<>(config).entrySet()) {
      json.writeStringField(each.getKey(), each.getValue());
    }
    json.writeEndObject();
  }

  private static void writeAnnotations(JsonGenerator json, Map<String, String> annotations)
      throws IOException {
    json.writeStartObject();
    for (Map.Entry<String, String> each : new TreeMap<>(annotations).entrySet()) {
      json.writeFieldName(each.getKey());
      json.writeRawValue(each.getValue());
    }
    json.writeEndObject();
  }

  /**
   * Reads a call.
   *
   * @throws IllegalArgumentException when the text is no JSON object of the right types, with a
   *     text that says where
   */
  public static Call read(String text) {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  /** {@link #read(String)} of a text in UTF-8. */
  public static Call read(byte[] utf8) {
    Call call = new Call();
    try (JsonParser json = FACTORY.createParser(utf8)) {
      JsonToken first = json.nextToken();
      if (first == JsonToken.VALUE_NULL) {
        return call;
      }
      if (first != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("call is no JSON object");
      }
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String key = json.currentName();
        JsonToken value = json.nextToken();
        if (value != JsonToken.VALUE_NULL) {
          readField(call, json, key);
        }
      }
      return call;
    } catch (JacksonException e) {
      throw new IllegalArgumentException("call is no valid JSON: " + inOneLine(e), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("call is no valid JSON: " + e.getMessage(), e);
    }
  }

  /** What is wrong and where, without what the parser says of itself; callers may see it. */
  private static String inOneLine(JacksonException e) {
    String what = String.valueOf(e.getOriginalMessage());
    int more = what.indexOf(" (start marker");
    JsonLocation where = e.getLocation();
    return (more < 0 ? what : what.substring(0, more))
        + (where == null ? "" : ", line " + where.getLineNr() + ", column " + where.getColumnNr());
  }

  private static void readField(Call call, JsonParser json, String key) throws IOException {
    switch (key.toLowerCase(Locale.ROOT)) {
      case "id" -> call.id(string(json));
      case "status" -> call.status(string(json));
      case "image" -> call.image(string(json));
      case "type" -> call.type(CallType.of(string(json)));
      case "payload" -> call.payload(string(json));
      case "url" -> call.url(string(json));
      case "method" -> call.method(string(json));
      case "timeout" -> call.timeout(integer(json));
      case "idle_timeout" -> call.idleTimeout(integer(json));
      case "tmpfs_size" -> call.tmpfsSize(range(json, 0xFFFF_FFFFL));
      case "memory" -> call.memory(unsignedLong(json));
      case "cpus" -> call.cpus(MilliCpus.parse(string(json)));
      case "config" -> call.config(strings(json));
      case "annotations" -> call.annotations(rawValues(json));
      case "headers" -> call.headers(readHeaders(json));
      case "syslog_url" -> call.syslogUrl(string(json));
      case "completed_at" -> call.completedAt(Timestamps.parse(string(json)));
      case "created_at" -> call.createdAt(Timestamps.parse(string(json)));
      case "started_at" -> call.startedAt(Timestamps.parse(string(json)));
      case "error" -> call.error(string(json));
      case "app_id" -> call.appId(string(json));
      case "app_name" -> call.appName(string(json));
      case "trigger_id" -> call.triggerId(string(json));
      case "fn_id" -> call.fnId(string(json));
      default -> json.skipChildren();
    }
  }

  private static void writeHeaders(JsonGenerator json, Headers headers) throws IOException {
    int size = headers.size();
    if (size == 0) {
      return;
    }
    int[] order = headers.orderByName();
    json.writeObjectFieldStart("headers");
    String name = headers.name(order[0]);
    json.writeArrayFieldStart(name);
    for (int index : order) {
      String next = headers.name(index);
      if (!next.equals(name)) {
        name = next;
        json.writeEndArray();
        json.writeArrayFieldStart(name);
      }
      json.writeString(headers.value(index));
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static Headers readHeaders(JsonParser json) throws IOException {
    expect(json, JsonToken.START_OBJECT);
    Headers headers = new Headers();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      if (json.nextToken() == JsonToken.VALUE_NULL) {
        continue;
      }
      expect(json, JsonToken.START_ARRAY);
      while (json.nextToken() != JsonToken.END_ARRAY) {
        headers.add(name, string(json));
      }
    }
    return headers;
  }

  private static Map<String, String> strings(JsonParser json) throws IOException {
    expect(json, JsonToken.START_OBJECT);
    Map<String, String> map = new HashMap<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      json.nextToken();
      map.put(key, json.currentToken() == JsonToken.VALUE_NULL ? "" : string(json));
    }
    return map;
  }

  private static Map<String, String> rawValues(JsonParser json) throws IOException {
    expect(json, JsonToken.START_OBJECT);
    Map<String, String> map = new HashMap<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      json.nextToken();
      map.put(key, CompactJson.read(json));
    }
    return map;
  }

  private static String string(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return "";
    }
    expect(json, JsonToken.VALUE_STRING);
    return json.getText();
  }

  private static int integer(JsonParser json) throws IOException {
    expect(json, JsonToken.VALUE_NUMBER_INT);
    return json.getIntValue();
  }

  private static long range(JsonParser json, long max) throws IOException {
    expect(json, JsonToken.VALUE_NUMBER_INT);
    long value = json.getLongValue();
    if (value < 0 || value > max) {
      throw new IllegalArgumentException(
          json.currentName() + " is " + value + ", not in 0 to " + max);
    }
    return value;
  }

  private static long unsignedLong(JsonParser json) throws IOException {
    expect(json, JsonToken.VALUE_NUMBER_INT);
    try {
      return Long.parseUnsignedLong(json.getText());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          json.currentName() + " is " + json.getText() + ", not an unsigned 64-bit number", e);
    }
  }

  private static void expect(JsonParser json, JsonToken token) throws IOException {
    if (json.currentToken() != token) {
      throw new IllegalArgumentException(
          json.currentName() + " is " + json.currentToken() + ", not " + token);
    }
  }

  private static void optional(JsonGenerator json, String key, @Nullable String value)
      throws IOException {
    if (value != null && !value.isEmpty()) {
      json.writeStringField(key, value);
    }
  }

  private static void optional(JsonGenerator json, String key, long value) throws IOException {
    if (value != 0) {
      json.writeNumberField(key, value);
    }
  }
}
