package dev.fncluster.api.guard;

import dev.fncluster.api.auth.AuthErrors;
import dev.fncluster.api.auth.Authenticator;
import dev.fncluster.api.auth.Caller;
import dev.fncluster.api.auth.Scope;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.http.HttpExchange;
import dev.fncluster.api.http.HttpHandler;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.model.Headers;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Lets requests of a route pass whose token has one of its scopes. Thread-safe. */
final class GuardedHandler implements HttpHandler {
  private static final String CHALLENGE = "WWW-Authenticate";
  private static final String REALM = "Bearer realm=\"fn\"";

  private final Authenticator authenticator;
  private final Set<Scope> scopes;
  private final String scopeNames;
  private final boolean forwarding;
  private final HttpHandler next;

  GuardedHandler(
      Authenticator authenticator, Set<Scope> scopes, boolean forwarding, HttpHandler next) {
    this.authenticator = authenticator;
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
      Caller caller = authenticator.known(BearerToken.of(exchange.request().headers()));
      if (caller == null) {
        throw AuthErrors.unknown();
      }
      admit(exchange, caller);
    } catch (ServiceException e) {
      refuse(exchange, e);
      return;
    }
    next.handle(exchange);
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
