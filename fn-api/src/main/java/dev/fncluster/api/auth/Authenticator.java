package dev.fncluster.api.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Tells whose token it is. Thread-safe. */
public final class Authenticator implements AutoCloseable {
  /** How often files are looked at by default. */
  public static final Duration PERIOD = Duration.ofSeconds(10);

  private final AuthSettings settings;
  private final InstantSource clock;
  private final Duration period;
  private final @Nullable JwtVerifier jwts;
  private volatile @Nullable WatchedFile<TokenTable> tokens;

  /**
   * One that knows no token yet.
   *
   * @param clock tells whether a token's time is over
   * @param period how often to look at files
   */
  public Authenticator(AuthSettings settings, InstantSource clock, Duration period) {
    this.settings = settings;
    this.clock = clock;
    this.period = period;
    jwts = settings.jwt().map(jwt -> new JwtVerifier(jwt, keys(jwt, period), clock)).orElse(null);
  }

  private static JwtKeys keys(JwtSettings settings, Duration period) {
    return settings
        .keysFile()
        .<JwtKeys>map(file -> new FileKeys(file, period))
        .orElseGet(() ->
            new UrlKeys(settings.keysUrl().orElseThrow(), settings.refresh(), System::nanoTime));
  }

  /**
   * Reads the files that the settings name and goes on to look at them until it is closed. A URL of
   * keys is read in the background: until that has succeeded, its tokens can't be checked.
   *
   * @throws IOException when a file can't be used; the message is for the operator
   */
  public void start() throws IOException {
    if (settings.tokens().isPresent()) {
      tokens =
          WatchedFile.watch(
              AuthSettings.TOKENS_PATH.name(),
              settings.tokens().get(),
              period,
              bytes -> TokenTable.parse(new String(bytes, StandardCharsets.UTF_8)));
    }
    JwtVerifier verifier = jwts;
    if (verifier != null) {
      verifier.start();
    }
  }

  /**
   * Whose token it is. Never blocks.
   *
   * @return null when that is not known at once
   * @throws dev.fncluster.api.error.ServiceException 401 when the token is not good, 503 when that
   *     can't be told now
   */
  public @Nullable Caller known(String token) {
    WatchedFile<TokenTable> table = tokens;
    TokenHash hash = TokenHash.of(token);
    TokenEntry entry = table == null ? null : table.get().find(hash);
    if (entry == null) {
      return jwt(token).known(hash);
    }
    if (entry.expires().isPresent() && !clock.instant().isBefore(entry.expires().get())) {
      throw AuthErrors.expired();
    }
    return entry.caller();
  }

  /**
   * Finds out whose token it is. Blocks, for seconds at most.
   *
   * @throws dev.fncluster.api.error.ServiceException 401 when the token is not good, 503 when that
   *     can't be told now
   */
  public Caller verify(String token) {
    return jwt(token).verify(token);
  }

  private JwtVerifier jwt(String token) {
    JwtVerifier verifier = jwts;
    if (verifier == null || !JwtVerifier.mayBe(token)) {
      throw AuthErrors.unknown();
    }
    return verifier;
  }

  /** Looks at files no more. Idempotent. */
  @Override
  public void close() {
    WatchedFile<TokenTable> table = tokens;
    if (table != null) {
      table.close();
    }
    JwtVerifier verifier = jwts;
    if (verifier != null) {
      verifier.close();
    }
  }
}
