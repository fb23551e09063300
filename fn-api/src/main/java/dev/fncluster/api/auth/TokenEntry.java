package dev.fncluster.api.auth;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A line of the file of tokens: {@code ci sha256:9f86… scopes=read,invoke apps=01ABC,01DEF
 * expires=2027-01-31T00:00:00Z}. Immutable.
 *
 * @param caller whose token it is; its id stands first in the line
 * @param hash of the token
 * @param expires from when on the token is good no more; empty for never
 */
record TokenEntry(Caller caller, TokenHash hash, Optional<Instant> expires) {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final String HASH_PREFIX = "sha256:";

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException when it is malformed; the message repeats nothing of it
   */
  static TokenEntry parse(String line) {
    List<String> words = List.of(line.strip().split("\\s+"));
    if (words.size() < 2 || !ID.matcher(words.get(0)).matches()) {
      throw new IllegalArgumentException(
          "expected a name of up to 64 letters, digits and ._- and then sha256:<hash>");
    }
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    Optional<Set<String>> apps = Optional.empty();
    Optional<Instant> expires = Optional.empty();
    Set<String> seen = new LinkedHashSet<>();
    for (String word : words.subList(2, words.size())) {
      int equals = word.indexOf('=');
      String key = equals < 0 ? word : word.substring(0, equals);
      String value = equals < 0 ? "" : word.substring(equals + 1);
      if (!seen.add(key)) {
        throw new IllegalArgumentException("one word stands there twice");
      }
      switch (key) {
        case "scopes" -> scopes.addAll(scopes(value));
        case "apps" -> apps = Optional.of(items(value, "apps="));
        case "expires" -> expires = Optional.of(instant(value));
        default ->
            throw new IllegalArgumentException("expected only scopes=, apps= and expires= there");
      }
    }
    if (scopes.isEmpty()) {
      throw new IllegalArgumentException("scopes= is missing");
    }
    return new TokenEntry(new Caller(words.get(0), scopes, apps), hash(words.get(1)), expires);
  }

  /** The line that {@link #parse} reads. */
  String line() {
    StringBuilder line =
        new StringBuilder(caller.id())
            .append(' ')
            .append(HASH_PREFIX)
            .append(hash.hex())
            .append(" scopes=")
            .append(
                String.join(
                    ",", EnumSet.copyOf(caller.scopes()).stream().map(Scope::text).toList()));
    caller.apps().ifPresent(apps -> line.append(" apps=").append(joined(apps)));
    expires.ifPresent(
        time -> line.append(" expires=").append(DateTimeFormatter.ISO_INSTANT.format(time)));
    return line.toString();
  }

  private static String joined(Set<String> words) {
    return String.join(",", new TreeSet<>(words));
  }

  private static TokenHash hash(String word) {
    if (word.startsWith(HASH_PREFIX)) {
      try {
        return TokenHash.parse(word.substring(HASH_PREFIX.length()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("the hash is not 64 hexadecimal digits", e);
      }
    }
    throw new IllegalArgumentException("expected sha256:<hash> after the name");
  }

  /**
   * The scopes of a list such as {@code read,invoke}.
   *
   * @throws IllegalArgumentException when there are none or one is unknown
   */
  static Set<Scope> scopes(String list) {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    for (String word : items(list, "scopes=")) {
      scopes.add(
          Scope.of(word)
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "unknown scope; expected admin, read, lookup or invoke")));
    }
    return scopes;
  }

  /**
   * The items of a list separated by commas.
   *
   * @throws IllegalArgumentException when there are none, or one is empty or has blanks
   */
  static Set<String> items(String list, String where) {
    Set<String> items = new LinkedHashSet<>();
    for (String item : list.split(",", -1)) {
      if (item.isEmpty() || item.chars().anyMatch(Character::isWhitespace)) {
        throw new IllegalArgumentException(
            "expected words separated by commas, without blanks, after " + where);
      }
      items.add(item);
    }
    return items;
  }

  /**
   * A point in time such as {@code 2027-01-31T00:00:00Z}.
   *
   * @throws IllegalArgumentException when the text is none
   */
  static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "expected a time such as 2027-01-31T00:00:00Z after expires=", e);
    }
  }
}
