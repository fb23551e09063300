package dev.fncluster.api.invoke;

import dev.fncluster.api.access.AsyncDataAccess;
import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.http.HttpExchange;
import dev.fncluster.api.http.HttpHandler;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.CallType;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.model.HopByHop;
import dev.fncluster.api.model.Trigger;
import io.netty.channel.EventLoop;

/**
 * {@code /t/{app_name}} and {@code /t/{app_name}/*source}: calls the fn behind an HTTP trigger,
 * which sees the whole request and makes the whole answer.
 */
final class TriggerHandler implements HttpHandler {
  private static final String ROOT_SOURCE = "/";
  private static final String HTTP_REQUEST = "httprequest";

  private final AsyncDataAccess data;
  private final CallAgent agent;
  private final CallFactory calls;

  TriggerHandler(AsyncDataAccess data, CallAgent agent, CallFactory calls) {
    this.data = data;
    this.agent = agent;
    this.calls = calls;
  }

  @Override
  public void handle(HttpExchange exchange) {
    HttpRequestHead request = exchange.request();
    String appName = request.pathParameter("app_name");
    String source = request.pathParameters().getOrDefault("source", ROOT_SOURCE);
    EventLoop loop = exchange.eventLoop();
    Loaded.then(
        data.appIdByName(appName),
        loop,
        appId ->
            Loaded.then(
                data.app(appId),
                loop,
                app -> findTrigger(exchange, app, source),
                exchange::complete),
        exchange::complete);
  }

  private void findTrigger(HttpExchange exchange, App app, String source) {
    EventLoop loop = exchange.eventLoop();
    Loaded.then(
        data.triggerBySource(app.id(), Trigger.TYPE_HTTP, source),
        loop,
        trigger ->
            Loaded.then(
                data.fn(trigger.fnId()),
                loop,
                fn -> invoke(exchange, app, trigger, fn),
                exchange::complete),
        exchange::complete);
  }

  private void invoke(HttpExchange exchange, App app, Trigger trigger, Fn fn) {
    if (exchange.context().isCancelled()) {
      exchange.complete(InvocationErrors.clientCancelled());
      return;
    }
    exchange.request().caller().requireApp(app.id());
    CallTemplate template = calls.template(app, fn);
    Call call =
        calls
            .call(exchange, template, CallType.SYNC, encode(exchange.request()))
            .triggerId(trigger.id());
    TriggerResponse response = new TriggerResponse(exchange.response());
    agent.submit(
        CallFactory.invocation(
            call, template, exchange, exchange.body(), response, exchange.context()),
        failure -> {
          if (failure != null) {
            exchange.complete(failure);
          } else if (response.isInvalid()) {
            exchange.complete(InvocationErrors.functionInvalidResponse());
          } else {
            exchange.blameUser();
            exchange.complete(null);
          }
        });
  }

  /** The request as headers: nothing a client sends can pass for what the platform says. */
  static Headers encode(HttpRequestHead request) {
    Headers headers = request.headers();
    Headers encoded = new Headers(headers.size() + 3);
    for (int i = 0; i < headers.size(); i++) {
      String name = headers.name(i);
      String value = headers.value(i);
      if (name.equals(HeaderNames.CONTENT_TYPE)) {
        encoded.add(name, value);
      } else if (!HopByHop.matches(name, value)) {
        encoded.add(HeaderNames.HTTP_HEADER_PREFIX + name, value);
      }
    }
    return encoded
        .add(HeaderNames.HTTP_METHOD, request.method())
        .add(HeaderNames.HTTP_REQUEST_URL, request.url())
        .add(HeaderNames.INTENT, HTTP_REQUEST);
  }
}
