package dev.fncluster.api.management;

import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** What the management routes have in common. */
final class Answers {
  private Answers() {}

  /**
   * The request's body as a record; 400 when it is no JSON of the right types, names a member
   * twice, or holds a text that can't be kept.
   *
   * <p>Bytes that are no UTF-8 are refused too: replaced, they would be stored as a text that the
   * client never sent.
   */
  static <T> T parse(byte[] body, Function<String, T> reader) {
    try {
      // A new decoder reports what is malformed; the constructor of String replaces it.
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      RequestJson.check(text);
      return reader.apply(text);
    } catch (CharacterCodingException | IllegalArgumentException e) {
      throw ManagementErrors.invalidJson();
    }
  }

  static HttpResponse ok(String json) {
    return HttpResponse.json(200, json);
  }

  /** The answer to a delete. */
  static HttpResponse deleted() {
    return new HttpResponse(
        204,
        new Headers(4).add(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8"),
        new byte[0]);
  }
}
