package dev.fncluster.api.management;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Timestamps;
import dev.fncluster.api.model.Trigger;
import java.io.IOException;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads apps, fns and triggers from JSON, as clients send them and as API nodes answer them.
 *
 * <p>Keys are taken in any case, unknown ones and whatever follows the first value are ignored, and
 * null is as good as absent: an empty text or map, a zero, no date. A value of a wrong type is an
 * {@link IllegalArgumentException}.
 */
public final class ResourceReader {
  /** The longest text that is read, in characters. */
  public static final int MAX_LENGTH = JsonValues.MAX_LENGTH;

  @FunctionalInterface
  private interface Fields {
    /** Takes the value of {@code key} (in lower case) from the parser, or skips it. */
    void read(String key, JsonParser json) throws IOException;
  }

  private ResourceReader() {}

  /** An app; the values of its config may be empty, its annotations {@code null}. */
  public static App app(String text) {
    AppFields fields = new AppFields();
    document(text, fields);
    return fields.build();
  }

  /** A fn. */
  public static Fn fn(String text) {
    FnFields fields = new FnFields();
    document(text, fields);
    return fields.build();
  }

  /** A trigger. */
  public static Trigger trigger(String text) {
    TriggerFields fields = new TriggerFields();
    document(text, fields);
    return fields.build();
  }

  /** The first app of a list. */
  public static Optional<App> firstApp(String list) {
    FirstApp fields = new FirstApp();
    document(list, fields);
    return Optional.ofNullable(fields.found);
  }

  /** The text of an error answer. */
  public static String errorMessage(String error) {
    ErrorFields fields = new ErrorFields();
    document(error, fields);
    return fields.message;
  }

  /** Config as it is stored: a JSON object of strings, or nothing. */
  public static Map<String, String> config(String text) {
    return text.isBlank() ? Map.of() : value(text, JsonValues::strings);
  }

  /** Annotations as they are stored: a JSON object, or nothing. */
  public static Map<String, String> annotations(String text) {
    return text.isBlank() ? Map.of() : value(text, JsonValues::texts);
  }

  @FunctionalInterface
  private interface Value<T> {
    T read(JsonParser json) throws IOException;
  }

  private static Map<String, String> value(String text, Value<Map<String, String>> reader) {
    try (JsonParser json = JsonValues.FACTORY.createParser(text)) {
      return json.nextToken() == JsonToken.VALUE_NULL ? Map.of() : reader.read(json);
    } catch (IOException e) {
      throw new IllegalArgumentException("no valid JSON: " + e.getMessage(), e);
    }
  }

  private static void document(String text, Fields fields) {
    try (JsonParser json = JsonValues.FACTORY.createParser(text)) {
      JsonToken first = json.nextToken();
      if (first != JsonToken.VALUE_NULL) {
        object(json, fields);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("no valid JSON: " + e.getMessage(), e);
    }
  }

  private static void object(JsonParser json, Fields fields) throws IOException {
    JsonValues.expect(json, JsonToken.START_OBJECT);
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName().toLowerCase(Locale.ROOT);
      if (json.nextToken() != JsonToken.VALUE_NULL) {
        fields.read(key, json);
      }
    }
  }

  private static @Nullable Instant date(JsonParser json) throws IOException {
    return Timestamps.parse(JsonValues.string(json));
  }

  private static final class AppFields implements Fields {
    private String id = "";
    private String name = "";
    private Map<String, String> config = Map.of();
    private Map<String, String> annotations = Map.of();
    private @Nullable String syslogUrl;
    private String shape = "";
    private @Nullable Instant createdAt;
    private @Nullable Instant updatedAt;

    @Override
    public void read(String key, JsonParser json) throws IOException {
      switch (key) {
        case "id" -> id = JsonValues.string(json);
        case "name" -> name = JsonValues.string(json);
        case "config" -> config = JsonValues.strings(json);
        case "annotations" -> annotations = JsonValues.texts(json);
        case "syslog_url" -> syslogUrl = JsonValues.string(json);
        case "shape" -> shape = JsonValues.string(json);
        case "created_at" -> createdAt = date(json);
        case "updated_at" -> updatedAt = date(json);
        default -> json.skipChildren();
      }
    }

    App build() {
      return new App(id, name, config, annotations, syslogUrl, shape, createdAt, updatedAt);
    }
  }

  private static final class FnFields implements Fields {
    private String id = "";
    private String name = "";
    private String appId = "";
    private String image = "";
    private long memory;
    private int timeout;
    private int idleTimeout;
    private Map<String, String> config = Map.of();
    private Map<String, String> annotations = Map.of();
    private String shape = "";
    private @Nullable Instant createdAt;
    private @Nullable Instant updatedAt;

    @Override
    public void read(String key, JsonParser json) throws IOException {
      switch (key) {
        case "id" -> id = JsonValues.string(json);
        case "name" -> name = JsonValues.string(json);
        case "app_id" -> appId = JsonValues.string(json);
        case "image" -> image = JsonValues.string(json);
        case "memory" -> memory = JsonValues.unsignedLong(json);
        case "timeout" -> timeout = JsonValues.integer(json);
        case "idle_timeout" -> idleTimeout = JsonValues.integer(json);
        case "config" -> config = JsonValues.strings(json);
        case "annotations" -> annotations = JsonValues.texts(json);
        case "shape" -> shape = JsonValues.string(json);
        case "created_at" -> createdAt = date(json);
        case "updated_at" -> updatedAt = date(json);
        default -> json.skipChildren();
      }
    }

    Fn build() {
      return new Fn(
          id,
          name,
          appId,
          image,
          memory,
          timeout,
          idleTimeout,
          config,
          annotations,
          shape,
          createdAt,
          updatedAt);
    }
  }

  private static final class TriggerFields implements Fields {
    private String id = "";
    private String name = "";
    private String appId = "";
    private String fnId = "";
    private @Nullable Instant createdAt;
    private @Nullable Instant updatedAt;
    private String type = "";
    private String source = "";
    private Map<String, String> annotations = Map.of();

    @Override
    public void read(String key, JsonParser json) throws IOException {
      switch (key) {
        case "id" -> id = JsonValues.string(json);
        case "name" -> name = JsonValues.string(json);
        case "app_id" -> appId = JsonValues.string(json);
        case "fn_id" -> fnId = JsonValues.string(json);
        case "created_at" -> createdAt = date(json);
        case "updated_at" -> updatedAt = date(json);
        case "type" -> type = JsonValues.string(json);
        case "source" -> source = JsonValues.string(json);
        case "annotations" -> annotations = JsonValues.texts(json);
        default -> json.skipChildren();
      }
    }

    Trigger build() {
      return new Trigger(id, name, appId, fnId, createdAt, updatedAt, type, source, annotations);
    }
  }

  private static final class FirstApp implements Fields {
    private @Nullable App found;

    @Override
    public void read(String key, JsonParser json) throws IOException {
      if (!key.equals("items")) {
        json.skipChildren();
        return;
      }
      JsonValues.expect(json, JsonToken.START_ARRAY);
      while (json.nextToken() != JsonToken.END_ARRAY) {
        AppFields fields = new AppFields();
        object(json, fields);
        if (found == null) {
          found = fields.build();
        }
      }
    }
  }

  private static final class ErrorFields implements Fields {
    private String message = "";

    @Override
    public void read(String key, JsonParser json) throws IOException {
      if (key.equals("message")) {
        message = JsonValues.string(json);
      } else {
        json.skipChildren();
      }
    }
  }
}
