package dev.fncluster.api.invoke;

import dev.fncluster.api.access.AsyncDataAccess;
import dev.fncluster.api.call.BytesBody;
import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.http.BodyCollector;
import dev.fncluster.api.http.HttpExchange;
import dev.fncluster.api.http.HttpHandler;
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
  private final int maxDetachedBody;

  InvokeHandler(AsyncDataAccess data, CallAgent agent, CallFactory calls, int maxDetachedBody) {
    this.data = data;
    this.agent = agent;
    this.calls = calls;
    this.maxDetachedBody = maxDetachedBody;
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
    CallTemplate template = calls.template(app, fn);
    if (DETACHED.equals(exchange.request().headers().first(HeaderNames.INVOKE_TYPE))) {
      detach(exchange, template);
      return;
    }
    Call call = calls.call(exchange, template, CallType.SYNC, exchange.request().headers());
    agent.submit(
        CallFactory.invocation(
            call, template, exchange, exchange.body(), exchange.response(), exchange.context()),
        failure -> {
          if (failure == null) {
            exchange.blameUser();
          }
          exchange.complete(failure);
        });
  }

  // A detached call outlives its exchange, and so must its body: it is read before the call begins.
  private void detach(HttpExchange exchange, CallTemplate template) {
    BodyCollector.collect(
        exchange.body(),
        maxDetachedBody,
        new BodyCollector.Result() {
          @Override
          public void collected(byte[] body) {
            submitDetached(exchange, template, body);
          }

          @Override
          public void failed(Throwable cause) {
            exchange.complete(cause);
          }
        });
  }

  private void submitDetached(HttpExchange exchange, CallTemplate template, byte[] body) {
    Call call = calls.call(exchange, template, CallType.DETACHED, exchange.request().headers());
    DetachedResponse response = new DetachedResponse();
    agent.submit(
        CallFactory.invocation(
            call, template, exchange, BytesBody.of(body), response, CallContext.create()),
        failure -> {
          if (failure == null) {
            exchange.blameUser();
            exchange.respond(response.answer());
          } else {
            exchange.complete(failure);
          }
        });
  }
}
