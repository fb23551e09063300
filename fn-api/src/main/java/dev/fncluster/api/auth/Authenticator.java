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
  }

  /**
   * Reads the files that the settings name and goes on to look at them until it is closed.
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
  }

  /**
   * Whose token it is. Never blocks.
   *
   * @return null when that is not known at once
   * @throws dev.fncluster.api.error.ServiceException 401 when the token is good no more
   */
  public @Nullable Caller known(String token) {
    WatchedFile<TokenTable> table = tokens;
    TokenEntry entry = table == null ? null : table.get().find(TokenHash.of(token));
    if (entry == null) {
      return null;
    }
    if (entry.expires().isPresent() && !clock.instant().isBefore(entry.expires().get())) {
      throw AuthErrors.expired();
    }
    return entry.caller();
  }

  /** Looks at files no more. Idempotent. */
  @Override
  public void close() {
    WatchedFile<TokenTable> table = tokens;
    if (table != null) {
      table.close();
    }
  }
}
