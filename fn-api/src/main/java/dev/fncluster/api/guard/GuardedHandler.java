package dev.fncluster.api.guard;

import dev.fncluster.api.auth.AuthErrors;
import dev.fncluster.api.auth.Authenticator;
import dev.fncluster.api.auth.Caller;
import dev.fncluster.api.auth.Scope;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.http.HttpExchange;
import dev.fncluster.api.http.HttpHandler;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.model.Headers;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;

/** Lets requests of a route pass whose token has one of its scopes. Thread-safe. */
final class GuardedHandler implements HttpHandler {
  private static final String CHALLENGE = "WWW-Authenticate";
  private static final String REALM = "Bearer realm=\"fn\"";

  private final Authenticator authenticator;
  private final Semaphore permits;
  private final Set<Scope> scopes;
  private final String scopeNames;
  private final boolean forwarding;
  private final HttpHandler next;

  /**
   * A handler before {@code next}.
   *
   * @param permits for tokens being verified; never waited for
   * @param scopes of which one is enough
   */
  GuardedHandler(
      Authenticator authenticator,
      Semaphore permits,
      Set<Scope> scopes,
      boolean forwarding,
      HttpHandler next) {
    this.authenticator = authenticator;
    this.permits = permits;
    this.scopes = Set.copyOf(scopes);
    this.scopeNames =
        scopes.stream().map(Scope::text).collect(Collectors.toCollection(TreeSet::new)).stream()
            .collect(Collectors.joining(" or "));
    this.forwarding = forwarding;
    this.next = next;
  }

  @Override
  public void handle(HttpExchange exchange) throws Exception {
    try {
      String token = BearerToken.of(exchange.request().headers());
      Caller caller = authenticator.known(token);
      if (caller == null) {
        verify(exchange, token);
        return;
      }
      admit(exchange, caller);
    } catch (ServiceException e) {
      refuse(exchange, e);
      return;
    }
    next.handle(exchange);
  }

  // Away from the event loop: signatures cost time, and keys may have to be asked for.
  private void verify(HttpExchange exchange, String token) {
    if (!permits.tryAcquire()) {
      throw InvocationErrors.serverBusy();
    }
    Thread.ofVirtual()
        .name("auth-verify")
        .start(() -> {
          try {
            Caller caller = authenticator.verify(token);
            exchange.eventLoop().execute(() -> goOn(exchange, caller));
          } catch (ServiceException e) {
            exchange.eventLoop().execute(() -> refuse(exchange, e));
          } catch (RuntimeException | Error e) {
            exchange.complete(e);
          } finally {
            permits.release();
          }
        });
  }

  private void goOn(HttpExchange exchange, Caller caller) {
    if (exchange.context().isCancelled()) {
      exchange.complete(InvocationErrors.clientCancelled());
      return;
    }
    try {
      admit(exchange, caller);
    } catch (ServiceException e) {
      refuse(exchange, e);
      return;
    }
    try {
      next.handle(exchange);
    } catch (Exception e) {
      exchange.complete(e);
    }
  }

  private void admit(HttpExchange exchange, Caller caller) {
    if (!caller.hasAny(scopes)) {
      throw AuthErrors.scope(scopeNames);
    }
    HttpRequestHead request = exchange.request();
    Headers headers =
        forwarding ? request.headers() : request.headers().copy().remove(BearerToken.HEADER);
    exchange.replaceRequest(request.from(caller, headers));
  }

  private void refuse(HttpExchange exchange, ServiceException why) {
    if (why.code() == 401) {
      boolean missing = !exchange.request().headers().contains(BearerToken.HEADER);
      exchange.setResponseHeader(CHALLENGE, missing ? REALM : REALM + ", error=\"invalid_token\"");
    } else if (why.code() == 403) {
      exchange.setResponseHeader(
          CHALLENGE,
          REALM
              + ", error=\"insufficient_scope\", scope=\""
              + scopeNames.replace(" or ", " ")
              + "\"");
    }
    exchange.complete(why);
  }
}
