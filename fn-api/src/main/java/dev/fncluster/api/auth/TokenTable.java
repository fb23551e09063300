package dev.fncluster.api.auth;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tokens of a file, found by their hashes. Immutable. */
final class TokenTable {
  /** No tokens. */
  static final TokenTable EMPTY = new TokenTable(Map.of());

  private static final int MAX_TOKENS = 10_000;

  private final Map<TokenHash, TokenEntry> entries;

  private TokenTable(Map<TokenHash, TokenEntry> entries) {
    this.entries = entries;
  }

  /**
   * Reads a file: a token a line; empty lines and those that begin with {@code #} are skipped.
   *
   * @throws IllegalArgumentException when a line is malformed, or a name or hash stands there twice
   */
  static TokenTable parse(String text) {
    Map<TokenHash, TokenEntry> entries = new HashMap<>();
    Set<String> ids = new HashSet<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (line.isBlank() || line.stripLeading().startsWith("#")) {
        continue;
      }
      try {
        TokenEntry entry = TokenEntry.parse(line);
        if (!ids.add(entry.caller().id())) {
          throw new IllegalArgumentException("another line has the same name");
        }
        if (entries.putIfAbsent(entry.hash(), entry) != null) {
          throw new IllegalArgumentException("another line has the same hash");
        }
        if (entries.size() > MAX_TOKENS) {
          throw new IllegalArgumentException("more than " + MAX_TOKENS + " tokens");
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
      }
    }
    return new TokenTable(Map.copyOf(entries));
  }

  @Nullable TokenEntry find(TokenHash hash) {
    return entries.get(hash);
  }

  int size() {
    return entries.size();
  }
}
