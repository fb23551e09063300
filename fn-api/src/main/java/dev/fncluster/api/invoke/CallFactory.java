package dev.fncluster.api.invoke;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.http.HttpExchange;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.CallType;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.model.IdGenerator;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;

/**
 * Makes calls of requests. Remembers what follows from an app and a fn, so that a call on the warm
 * path merges no maps and hashes nothing. Thread-safe.
 */
final class CallFactory {
  private static final int MAX_TEMPLATES = 10_000;

  private final IdGenerator ids;
  private final InstantSource clock;
  private final Cache<String, CallTemplate> templates =
      Caffeine.newBuilder().maximumSize(MAX_TEMPLATES).executor(Runnable::run).build();

  CallFactory(IdGenerator ids, InstantSource clock) {
    this.ids = ids;
    this.clock = clock;
  }

  /** What follows from {@code app} and {@code fn}. */
  CallTemplate template(App app, Fn fn) {
    CallTemplate known = templates.getIfPresent(fn.id());
    if (known != null && known.isOf(app, fn)) {
      return known;
    }
    CallTemplate made = new CallTemplate(app, fn);
    templates.put(fn.id(), made);
    return made;
  }

  /**
   * A call of {@code exchange}, whose answer has the id of the call from now on.
   *
   * @param headers those that the function is to get
   */
  Call call(HttpExchange exchange, CallTemplate template, CallType type, Headers headers) {
    HttpRequestHead request = exchange.request();
    Instant now = clock.instant();
    Call call =
        template
            .newCall()
            .id(ids.next(now.toEpochMilli()))
            .type(type)
            .url(request.url())
            .method(request.method())
            .headers(headers)
            .createdAt(now);
    exchange.setResponseHeader(HeaderNames.CALL_ID, call.id());
    exchange.isCall(call);
    return call;
  }

  /** The call on its way. */
  static Invocation invocation(
      Call call,
      CallTemplate template,
      HttpExchange exchange,
      RequestBody body,
      ResponseSink response,
      CallContext context) {
    return new Invocation(
        call, template.slotHashId(), Map.of(), body, response, context, exchange.eventLoop());
  }
}
