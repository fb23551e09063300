package dev.fncluster.testfunction;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a request asks the function to do: the scalar fields of a JSON object, and its objects of
 * header values. Fields that are missing are zero, false or empty; fields that are not known are
 * ignored.
 *
 * @param scalars values by field
 * @param headerLists the fields that map names to lists of values, by field
 */
record Knobs(Map<String, Scalar> scalars, Map<String, Map<String, List<String>>> headerLists) {
  /**
   * A text, number or boolean.
   *
   * @param quoted whether it is written in quotes
   */
  record Scalar(String text, boolean quoted) {}

  private static final Knobs NONE = new Knobs(Map.of(), Map.of());

  /** Reads a request. What is not a JSON object asks for nothing. */
  static Knobs parse(JsonFactory json, byte[] body) {
    try (JsonParser parser = json.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return NONE;
      }
      Map<String, Scalar> scalars = new LinkedHashMap<>();
      Map<String, Map<String, List<String>>> headerLists = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        JsonToken token = parser.nextToken();
        switch (token) {
          case START_OBJECT -> headerLists.put(field, parseHeaders(parser));
          case START_ARRAY -> parser.skipChildren();
          case VALUE_NULL -> {}
          default ->
              scalars.put(field, new Scalar(parser.getText(), token == JsonToken.VALUE_STRING));
        }
      }
      return new Knobs(scalars, headerLists);
    } catch (IOException notJson) {
      return NONE;
    }
  }

  String text(String field) {
    Scalar found = scalars.get(field);
    return found == null ? "" : found.text();
  }

  boolean isSet(String field) {
    return Boolean.parseBoolean(text(field));
  }

  /** The number in a field; 0 where there is none. */
  int number(String field) {
    String value = text(field);
    try {
      return value.isEmpty() ? 0 : Integer.parseInt(value);
    } catch (NumberFormatException malformed) {
      return 0;
    }
  }

  Map<String, List<String>> headers(String field) {
    return headerLists.getOrDefault(field, Map.of());
  }

  private static Map<String, List<String>> parseHeaders(JsonParser parser) throws IOException {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      List<String> values = new ArrayList<>();
      if (parser.nextToken() == JsonToken.START_ARRAY) {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          values.add(parser.getText());
        }
      } else {
        values.add(parser.getText());
      }
      headers.put(name, values);
    }
    return headers;
  }
}
