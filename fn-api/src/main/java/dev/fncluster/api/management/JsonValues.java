package dev.fncluster.api.management;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.fncluster.api.model.CompactJson;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads single JSON values, strictly by type. Each method expects the parser on the value and
 * leaves it on the value's last token.
 */
final class JsonValues {
  /** The longest text that is read, in characters; a request's body has a limit of its own. */
  static final int MAX_LENGTH = 16 * 1024 * 1024;

  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxDocumentLength(MAX_LENGTH)
                  .maxStringLength(MAX_LENGTH)
                  .maxNestingDepth(200)
                  .build())
          .build();

  private JsonValues() {}

  static String string(JsonParser json) throws IOException {
    expect(json, JsonToken.VALUE_STRING);
    return json.getText();
  }

  static int integer(JsonParser json) throws IOException {
    expect(json, JsonToken.VALUE_NUMBER_INT);
    return Integer.parseInt(json.getText());
  }

  /** A number up to 2^64 - 1; what is over 2^63 - 1 comes out negative. */
  static long unsignedLong(JsonParser json) throws IOException {
    expect(json, JsonToken.VALUE_NUMBER_INT);
    return Long.parseUnsignedLong(json.getText());
  }

  /** An object of strings; null stands for the empty string. */
  static Map<String, String> strings(JsonParser json) throws IOException {
    expect(json, JsonToken.START_OBJECT);
    Map<String, String> map = new HashMap<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      map.put(key, json.nextToken() == JsonToken.VALUE_NULL ? "" : string(json));
    }
    return map;
  }

  /** An object of anything, as compact texts: numbers keep their spelling, members their order. */
  static Map<String, String> texts(JsonParser json) throws IOException {
    expect(json, JsonToken.START_OBJECT);
    Map<String, String> map = new HashMap<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      json.nextToken();
      map.put(key, CompactJson.read(json));
    }
    return map;
  }

  static void expect(JsonParser json, JsonToken token) {
    if (json.currentToken() != token) {
      throw new IllegalArgumentException(
          "found " + json.currentToken() + " where " + token + " is expected");
    }
  }
}
