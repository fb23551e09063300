package dev.fncluster.api.auth;

import com.nimbusds.jwt.JWTClaimsSet;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a caller of what a token claims. Stateless. */
final class JwtClaims {
  // Who owns the token may be known by a name; no log gets it.
  private static final String CALLER_ID = "jwt";

  private final JwtSettings settings;

  JwtClaims(JwtSettings settings) {
    this.settings = settings;
  }

  /**
   * The caller of a token.
   *
   * @throws IllegalArgumentException when its claims are of a wrong type: a limit that can't be
   *     understood must not be taken for none
   */
  Caller caller(JWTClaimsSet claims) {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    String prefix = settings.scopePrefix();
    for (String word : words(claims.getClaim(settings.scopeClaim()))) {
      if (word.startsWith(prefix)) {
        Scope.of(word.substring(prefix.length())).ifPresent(scopes::add);
      }
    }
    boolean limited = claims.getClaims().containsKey(settings.appsClaim());
    Optional<Set<String>> apps =
        limited
            ? Optional.of(new LinkedHashSet<>(words(claims.getClaim(settings.appsClaim()))))
            : Optional.empty();
    return new Caller(CALLER_ID, scopes, apps);
  }

  private static List<String> words(@Nullable Object claim) {
    List<String> words = new ArrayList<>();
    switch (claim) {
      case null -> {}
      case String text -> {
        for (String word : text.split(" ", -1)) {
          if (!word.isEmpty()) {
            words.add(word);
          }
        }
      }
      case List<?> list -> {
        for (Object each : list) {
          if (!(each instanceof String word)) {
            throw new IllegalArgumentException("a claim has an item that is no text");
          }
          words.add(word);
        }
      }
      default -> throw new IllegalArgumentException("a claim is neither a text nor a list");
    }
    return words;
  }
}
