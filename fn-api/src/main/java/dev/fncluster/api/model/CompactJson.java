package dev.fncluster.api.model;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.io.StringWriter;

/** Takes a value out of a JSON text as it is spelled there, without its blanks. */
public final class CompactJson {
  private CompactJson() {}

  /**
   * The text of the value that {@code json} is on: numbers keep their spelling, objects the order
   * of their members. Leaves the parser on the value's last token.
   *
   * @throws IOException when the text is no valid JSON
   */
  public static String read(JsonParser json) throws IOException {
    StringWriter text = new StringWriter();
    // The factory's own copying would spell some numbers anew, and with them change a slot key.
    try (JsonGenerator copy = CallJson.FACTORY.createGenerator(text)) {
      int depth = 0;
      do {
        depth += copyToken(json, copy);
      } while (depth > 0 && json.nextToken() != null);
    }
    return text.toString();
  }

  /** Copies a token; by how much it changes the depth of nesting. */
  private static int copyToken(JsonParser json, JsonGenerator copy) throws IOException {
    switch (json.currentToken()) {
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> copy.writeNumber(json.getText());
      case START_OBJECT, START_ARRAY -> {
        copy.copyCurrentEvent(json);
        return 1;
      }
      case END_OBJECT, END_ARRAY -> {
        copy.copyCurrentEvent(json);
        return -1;
      }
      default -> copy.copyCurrentEvent(json);
    }
    return 0;
  }
}
