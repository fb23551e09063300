package dev.fncluster.api.http;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.model.Call;
import io.netty.channel.EventLoop;
import java.util.Objects;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * An exchange that leaves everything to another one: what middleware begins with that changes some
 * of it. Who changes the answer changes {@link #response()}, {@link #respond} and {@link #complete}
 * together.
 */
@API(status = API.Status.STABLE, since = "0.1")
public abstract class ForwardingExchange implements HttpExchange {
  private final HttpExchange exchange;

  /** An exchange before {@code exchange}. */
  protected ForwardingExchange(HttpExchange exchange) {
    this.exchange = Objects.requireNonNull(exchange, "exchange");
  }

  @Override
  public HttpRequestHead request() {
    return exchange.request();
  }

  @Override
  public void replaceRequest(HttpRequestHead head) {
    exchange.replaceRequest(head);
  }

  @Override
  public RequestBody body() {
    return exchange.body();
  }

  @Override
  public CallContext context() {
    return exchange.context();
  }

  @Override
  public EventLoop eventLoop() {
    return exchange.eventLoop();
  }

  @Override
  public ResponseSink response() {
    return exchange.response();
  }

  @Override
  public void complete(@Nullable Throwable failure) {
    exchange.complete(failure);
  }

  @Override
  public void respond(HttpResponse response) {
    exchange.respond(response);
  }

  @Override
  public void setResponseHeader(String name, String value) {
    exchange.setResponseHeader(name, value);
  }

  @Override
  public void isCall(Call call) {
    exchange.isCall(call);
  }

  @Override
  public void blameUser() {
    exchange.blameUser();
  }
}
