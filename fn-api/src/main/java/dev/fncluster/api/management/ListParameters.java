package dev.fncluster.api.management;

import dev.fncluster.api.http.HttpRequestHead;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The query of a list request. */
final class ListParameters {
  static final int DEFAULT_PER_PAGE = 30;
  static final int MAX_PER_PAGE = 100;

  private static final int MAX_PARAMETERS = 64;
  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]+");

  private final Map<String, List<String>> parameters;

  private ListParameters(Map<String, List<String>> parameters) {
    this.parameters = parameters;
  }

  /**
   * Reads the query. A broken one is refused: without a filter that it was meant to have, a list
   * would lead clients to the wrong object.
   */
  static ListParameters of(HttpRequestHead request) {
    Map<String, List<String>> parameters;
    try {
      parameters =
          new QueryStringDecoder(
                  request.uri(), StandardCharsets.UTF_8, true, MAX_PARAMETERS + 1, true)
              .parameters();
    } catch (IllegalArgumentException e) {
      throw ManagementErrors.invalidQuery();
    }
    // The decoder passes over what it has no room for, which may be a filter.
    if (parameters.values().stream().mapToInt(List::size).sum() > MAX_PARAMETERS) {
      throw ManagementErrors.invalidQuery();
    }
    return new ListParameters(parameters);
  }

  /** The first value of a parameter, or the empty text. */
  String text(String name) {
    List<String> values = parameters.get(name);
    String text = values == null || values.isEmpty() ? "" : values.getFirst();
    // No id and no name has these. Some stores refuse to look for the first; the second stands for
    // bytes that are no UTF-8.
    if (text.indexOf('\0') >= 0 || text.indexOf('\uFFFD') >= 0) {
      throw ManagementErrors.invalidQuery();
    }
    return text;
  }

  /** Where to go on. */
  Cursor cursor() {
    return Cursor.parse(text("cursor"));
  }

  /** How many items a page has, 1 to {@value #MAX_PER_PAGE}. */
  int perPage() {
    String text = text("per_page");
    if (!INTEGER.matcher(text).matches()) {
      return DEFAULT_PER_PAGE;
    }
    try {
      long value = Long.parseLong(text);
      return value <= 0 ? DEFAULT_PER_PAGE : (int) Math.min(value, MAX_PER_PAGE);
    } catch (NumberFormatException e) {
      return DEFAULT_PER_PAGE;
    }
  }
}
