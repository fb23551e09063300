package dev.fncluster.api.invoke;

import dev.fncluster.api.access.AsyncDataAccess;
import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.http.HttpExchange;
import dev.fncluster.api.http.HttpHandler;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.CallType;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.HeaderNames;

/** {@code POST /invoke/{fn_id}}: calls a fn by its id, waiting for the answer or not. */
final class InvokeHandler implements HttpHandler {
  private static final String DETACHED = CallType.DETACHED.text();

  private final AsyncDataAccess data;
  private final CallAgent agent;
  private final CallFactory calls;

  InvokeHandler(AsyncDataAccess data, CallAgent agent, CallFactory calls) {
    this.data = data;
    this.agent = agent;
    this.calls = calls;
  }

  @Override
  public void handle(HttpExchange exchange) {
    String fnId = exchange.request().pathParameter("fn_id");
    Loaded.then(
        data.fn(fnId),
        exchange.eventLoop(),
        fn ->
            Loaded.then(
                data.app(fn.appId()),
                exchange.eventLoop(),
                app -> invoke(exchange, app, fn),
                exchange::complete),
        exchange::complete);
  }

  private void invoke(HttpExchange exchange, App app, Fn fn) {
    if (exchange.context().isCancelled()) {
      exchange.complete(InvocationErrors.clientCancelled());
      return;
    }
    exchange.request().caller().requireApp(app.id());
    CallTemplate template = calls.template(app, fn);
    HttpRequestHead request = exchange.request();
    CallType type =
        DETACHED.equals(request.headers().first(HeaderNames.INVOKE_TYPE))
            ? CallType.DETACHED
            : CallType.SYNC;
    Call call = calls.call(exchange, template, type, request.headers());
    agent.submit(
        CallFactory.invocation(
            call,
            template,
            exchange,
            exchange.body(),
            exchange.response(),
            context(exchange, type)),
        failure -> {
          if (failure == null) {
            exchange.blameUser();
          }
          exchange.complete(failure);
        });
  }

  // Nobody waits for the end of a detached call: that its client leaves does not end it.
  private static CallContext context(HttpExchange exchange, CallType type) {
    return type == CallType.DETACHED ? CallContext.create() : exchange.context();
  }
}
