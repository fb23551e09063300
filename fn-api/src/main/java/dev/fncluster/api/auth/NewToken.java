package dev.fncluster.api.auth;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/**
 * A token that was just made.
 *
 * @param token what its owner sends; kept nowhere
 * @param line what stands in the file of tokens for it
 */
public record NewToken(String token, String line) {
  /** What a token begins with, so that programs that look for leaked secrets can find it. */
  public static final String PREFIX = "fnt_";

  private static final int RANDOM_BYTES = 32;

  /**
   * Makes a token of 256 random bits.
   *
   * @param id the name that logs know it by
   * @param scopes separated by commas, such as {@code read,invoke}
   * @param apps ids of apps, separated by commas; empty for all apps
   * @param expires a time such as {@code 2027-01-31T00:00:00Z}; empty for never
   * @throws IllegalArgumentException when one of them is malformed
   */
  public static NewToken make(
      String id, String scopes, Optional<String> apps, Optional<String> expires) {
    byte[] random = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(random);
    String token = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    TokenEntry entry =
        new TokenEntry(
            new Caller(
                id, TokenEntry.scopes(scopes), apps.map(list -> TokenEntry.items(list, "apps="))),
            TokenHash.of(token),
            expires.map(TokenEntry::instant));
    // What is written must be readable, the name above all.
    return new NewToken(token, TokenEntry.parse(entry.line()).line());
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "NewToken[" + line + "]";
  }
}
