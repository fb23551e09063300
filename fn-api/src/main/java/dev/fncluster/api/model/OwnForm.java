package dev.fncluster.api.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON of a call of a known fn without a parser: what {@link CallJson} itself would write
 * for it, to the letter. That is nearly every call of a runner, and takes a third of the time. Of
 * all other texts it says that it can't read them, which says nothing about whether they are good.
 *
 * <p>The reader stands at one place of the text. Once something there is not what is expected, it
 * has failed, and nothing that it returns from then on means anything.
 */
final class OwnForm {
  private final String text;
  private int at;
  private boolean failed;

  private OwnForm(String text) {
    this.text = text;
  }

  /** The call of {@code text}, if it is one of the fn with {@code shared} and in our form. */
  static @Nullable Call read(String text, SharedFields shared) {
    return new OwnForm(text).call(shared);
  }

  private @Nullable Call call(SharedFields shared) {
    Call call = shared.newCall();
    call.id(string("{\"id\":"));
    call.status(skip(",\"status\":\"running\"") ? "running" : string(",\"status\":"));
    piece(shared, CallPiece.IMAGE);
    call.type(skip(",\"type\":\"sync\"") ? CallType.SYNC : CallType.of(string(",\"type\":")));
    call.url(optionalString(",\"url\":"));
    call.method(optionalString(",\"method\":"));
    piece(shared, CallPiece.LIMITS);
    headers(call.headers());
    piece(shared, CallPiece.SYSLOG);
    call.completedAt(time(",\"completed_at\":"));
    call.createdAt(time(",\"created_at\":"));
    call.startedAt(time(",\"started_at\":"));
    piece(shared, CallPiece.APP);
    call.triggerId(string(",\"trigger_id\":"));
    piece(shared, CallPiece.FN);
    expect("}");
    return failed || at != text.length() ? null : call;
  }

  /** Goes behind {@code expected} if it is next. */
  private boolean skip(String expected) {
    if (!text.startsWith(expected, at)) {
      return false;
    }
    at += expected.length();
    return true;
  }

  private void expect(String expected) {
    failed |= !skip(expected);
  }

  private void piece(SharedFields shared, CallPiece piece) {
    expect(shared.json(piece).getValue());
  }

  private String string(String before) {
    expect(before);
    return string();
  }

  private String optionalString(String before) {
    return skip(before) ? string() : "";
  }

  /** A string without escapes. */
  private String string() {
    expect("\"");
    int end = failed ? -1 : text.indexOf('"', at);
    if (end < 0 || !isPlain(at, end)) {
      failed = true;
      return "";
    }
    String string = text.substring(at, end);
    at = end + 1;
    return string;
  }

  /** Whether nothing there is escaped, or a control character, which no string may have. */
  private boolean isPlain(int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  private @Nullable Instant time(String before) {
    expect(before);
    expect("\"");
    if (failed || !Timestamps.isOwnForm(text, at)) {
      failed = true;
      return null;
    }
    int from = at;
    at += Timestamps.ZERO_TEXT.length();
    expect("\"");
    try {
      return Timestamps.readOwnForm(text, from);
    } catch (IllegalArgumentException e) {
      // The 30th of February: an error, for a parser to describe.
      failed = true;
      return null;
    }
  }

  private void headers(Headers headers) {
    if (!skip(",\"headers\":{")) {
      return;
    }
    do {
      String name = string();
      expect(":[");
      do {
        headers.add(name, string());
      } while (skip(","));
      expect("]");
    } while (skip(","));
    expect("}");
  }
}
