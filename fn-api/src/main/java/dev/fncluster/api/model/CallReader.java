package dev.fncluster.api.model;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/**
 * Reads calls as {@link CallJson#read(String)} does, and remembers of the fns whose calls it has
 * read what all of their calls have in common, so that this is compared and not parsed.
 * Thread-safe.
 */
public final class CallReader {
  /** Characters of JSON of all fns that are remembered. */
  private static final long MAX_REMEMBERED = 2 * 1024 * 1024;

  /** Longer texts are rare and have limits of their own, which a parser knows. */
  private static final int MAX_LENGTH = 32 * 1024;

  private final Cache<String, SharedFields> known =
      Caffeine.newBuilder()
          .maximumWeight(MAX_REMEMBERED)
          .weigher((String key, SharedFields fields) -> key.length() + fields.length())
          .executor(Runnable::run)
          .build();

  /**
   * Reads a call.
   *
   * @param key the same for calls of the same fn; one that is not costs time only. Empty if there
   *     is none
   * @throws IllegalArgumentException as {@link CallJson#read(String)}
   */
  public Call read(String text, String key) {
    if (key.isEmpty() || text.length() > MAX_LENGTH) {
      return CallJson.read(text);
    }
    SharedFields ofFn = known.getIfPresent(key);
    Call read = ofFn == null ? null : OwnForm.read(text, ofFn);
    return read == null ? learn(text, key) : read;
  }

  private Call learn(String text, String key) {
    Call parsed = CallJson.read(text);
    SharedFields ofFn = SharedFields.of(parsed);
    // Those of load balancers that write another form would be of no use.
    if (OwnForm.read(text, ofFn) != null) {
      known.put(key, ofFn);
    }
    return parsed;
  }

  long rememberedCharacters() {
    known.cleanUp();
    return known.policy().eviction().orElseThrow().weightedSize().orElseThrow();
  }
}
