package dev.fncluster.api.management;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Timestamps;
import dev.fncluster.api.model.Trigger;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes apps, fns and triggers as JSON: members in a fixed order, maps in the order of their keys'
 * bytes, {@code <}, {@code >} and {@code &} escaped, no line break at the end.
 */
public final class ResourceWriter {
  private static final Pattern HTML = Pattern.compile("[<>&\\u2028\\u2029]");

  @FunctionalInterface
  private interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  @FunctionalInterface
  private interface Item<T> {
    void write(JsonGenerator json, T item) throws IOException;
  }

  private ResourceWriter() {}

  /** The JSON of an app. */
  public static String app(App app) {
    return text(json -> write(json, app));
  }

  /** The JSON of a fn. */
  public static String fn(Fn fn) {
    return text(json -> write(json, fn));
  }

  /** The JSON of a trigger. */
  public static String trigger(Trigger trigger) {
    return text(json -> write(json, trigger));
  }

  /** A page of apps; {@code nextCursor} is left out when empty. */
  public static String apps(List<App> apps, String nextCursor) {
    return list(apps, nextCursor, ResourceWriter::write);
  }

  /** A page of fns. */
  public static String fns(List<Fn> fns, String nextCursor) {
    return list(fns, nextCursor, ResourceWriter::write);
  }

  /** A page of triggers. */
  public static String triggers(List<Trigger> triggers, String nextCursor) {
    return list(triggers, nextCursor, ResourceWriter::write);
  }

  /** The JSON object that {@link ResourceReader#config} reads. */
  public static String config(Map<String, String> config) {
    return text(json -> writeStrings(json, config));
  }

  /** The JSON object that {@link ResourceReader#annotations} reads. */
  public static String annotations(Map<String, String> annotations) {
    return text(json -> writeTexts(json, annotations));
  }

  /** The JSON of a text. */
  static String string(String value) {
    return text(json -> json.writeString(value));
  }

  private static <T> String list(List<T> items, String nextCursor, Item<T> writer) {
    return text(json -> {
      json.writeStartObject();
      if (!nextCursor.isEmpty()) {
        json.writeStringField("next_cursor", nextCursor);
      }
      json.writeArrayFieldStart("items");
      for (T item : items) {
        writer.write(json, item);
      }
      json.writeEndArray();
      json.writeEndObject();
    });
  }

  private static void write(JsonGenerator json, App app) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", app.id());
    json.writeStringField("name", app.name());
    if (!app.config().isEmpty()) {
      json.writeFieldName("config");
      writeStrings(json, app.config());
    }
    writeAnnotations(json, app.annotations());
    if (app.syslogUrl() != null) {
      json.writeStringField("syslog_url", app.syslogUrl());
    }
    writeUnlessEmpty(json, "shape", app.shape());
    json.writeStringField("created_at", Timestamps.format(app.createdAt()));
    json.writeStringField("updated_at", Timestamps.format(app.updatedAt()));
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, Fn fn) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", fn.id());
    json.writeStringField("name", fn.name());
    json.writeStringField("app_id", fn.appId());
    json.writeStringField("image", fn.image());
    writeUnlessZero(json, "memory", fn.memory());
    writeUnlessZero(json, "timeout", fn.timeout());
    writeUnlessZero(json, "idle_timeout", fn.idleTimeout());
    json.writeFieldName("config");
    writeStrings(json, fn.config());
    writeAnnotations(json, fn.annotations());
    json.writeStringField("created_at", Timestamps.format(fn.createdAt()));
    writeUnlessEmpty(json, "shape", fn.shape());
    json.writeStringField("updated_at", Timestamps.format(fn.updatedAt()));
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, Trigger trigger) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", trigger.id());
    json.writeStringField("name", trigger.name());
    json.writeStringField("app_id", trigger.appId());
    json.writeStringField("fn_id", trigger.fnId());
    json.writeStringField("created_at", Timestamps.format(trigger.createdAt()));
    json.writeStringField("updated_at", Timestamps.format(trigger.updatedAt()));
    json.writeStringField("type", trigger.type());
    json.writeStringField("source", trigger.source());
    writeAnnotations(json, trigger.annotations());
    json.writeEndObject();
  }

  private static void writeAnnotations(JsonGenerator json, Map<String, String> annotations)
      throws IOException {
    if (!annotations.isEmpty()) {
      json.writeFieldName("annotations");
      writeTexts(json, annotations);
    }
  }

  private static void writeStrings(JsonGenerator json, Map<String, String> map) throws IOException {
    json.writeStartObject();
    for (Map.Entry<String, String> each : sorted(map).entrySet()) {
      json.writeStringField(each.getKey(), each.getValue());
    }
    json.writeEndObject();
  }

  private static void writeTexts(JsonGenerator json, Map<String, String> map) throws IOException {
    json.writeStartObject();
    for (Map.Entry<String, String> each : sorted(map).entrySet()) {
      json.writeFieldName(each.getKey());
      json.writeRawValue(each.getValue());
    }
    json.writeEndObject();
  }

  private static void writeUnlessEmpty(JsonGenerator json, String key, String value)
      throws IOException {
    if (!value.isEmpty()) {
      json.writeStringField(key, value);
    }
  }

  private static void writeUnlessZero(JsonGenerator json, String key, long value)
      throws IOException {
    if (value != 0) {
      json.writeNumberField(key, value);
    }
  }

  private static Map<String, String> sorted(Map<String, String> map) {
    Map<String, String> sorted = new TreeMap<>(Utf8Order.BY_BYTES);
    sorted.putAll(map);
    return sorted;
  }

  private static String text(Body body) {
    StringWriter out = new StringWriter(512);
    try (JsonGenerator json = JsonValues.FACTORY.createGenerator(out)) {
      body.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException("a text can't be written to memory", e);
    }
    return escapeForHtml(out.toString());
  }

  /** In JSON these characters occur in strings only, so that all of them can be escaped. */
  private static String escapeForHtml(String json) {
    Matcher special = HTML.matcher(json);
    return special.find()
        ? special.replaceAll(found -> "\\\\u" + HexFormat.of().toHexDigits(found.group().charAt(0)))
        : json;
  }
}
