package dev.fncluster.api.guard;

import dev.fncluster.api.auth.AuthSettings;
import dev.fncluster.api.auth.Authenticator;
import dev.fncluster.api.http.RouteWrapper;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;

/**
 * Stands before the routes of a node, if its settings want that. Where it does not, routes are just
 * what they would be without it.
 *
 * <p>Thread-safe.
 */
public final class Guard implements AutoCloseable {
  private static final int MAX_VERIFYING = 64;
  private static final RouteWrapper OPEN = (method, pattern, handler) -> handler;

  private final AuthSettings settings;
  private final Authenticator authenticator;
  private final Semaphore verifying = new Semaphore(MAX_VERIFYING);

  private Guard(AuthSettings settings, Authenticator authenticator) {
    this.settings = settings;
    this.authenticator = authenticator;
  }

  /** A guard that is not started. */
  public static Guard of(AuthSettings settings) {
    return of(settings, InstantSource.system(), Authenticator.PERIOD);
  }

  /** A guard with another time and another pace of looking at files. */
  public static Guard of(AuthSettings settings, InstantSource clock, Duration period) {
    return new Guard(settings, new Authenticator(settings, clock, period));
  }

  /** What stands around the routes of {@code part}. */
  public RouteWrapper of(Guarded part) {
    if (!settings.isOn() || (part == Guarded.TRIGGERS && !settings.triggers())) {
      return OPEN;
    }
    return (method, pattern, handler) ->
        new GuardedHandler(
            authenticator, verifying, part.scopes(method, pattern), settings.forwarding(), handler);
  }

  /**
   * Begins to know tokens.
   *
   * @throws IOException when a file can't be used; the message is for the operator
   */
  public void start() throws IOException {
    authenticator.start();
  }

  /** Looks at files no more. Idempotent. */
  @Override
  public void close() {
    authenticator.close();
  }
}
