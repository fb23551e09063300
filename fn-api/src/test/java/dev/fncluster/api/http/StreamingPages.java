package dev.fncluster.api.http;

import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Routes whose requests stay under way, and what becomes of them. */
final class StreamingPages {
  /** The length of what {@code /flood} answers. */
  static final int FLOOD = 32 << 20;

  private final EchoHandler echo = new EchoHandler();
  private final List<CancelCause> cancelled = new CopyOnWriteArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final AtomicReference<@Nullable HttpExchange> held = new AtomicReference<>();

  void add(Routes routes) {
    routes.add("POST", "/echo", echo);
    routes.add("GET", "/", ServerPages.hello());
    routes.add(Routes.ANY_METHOD, "/hold", this::hold);
    routes.add("POST", "/read", this::read);
    routes.add("GET", "/flood", this::flood);
    routes.add("POST", "/throw", this::failOnData);
    routes.add("POST", "/throw-at-the-end", StreamingPages::failOnFailure);
  }

  private void hold(HttpExchange exchange) {
    exchange.context().onCancel(cancelled::add);
    exchange.context().onCancel(why -> exchange.complete(InvocationErrors.serverBusy()));
    held.set(exchange);
  }

  private void read(HttpExchange exchange) {
    exchange.context().onCancel(cancelled::add);
    held.set(exchange);
    askForPiece(
        exchange,
        () -> {},
        cause -> {
          failures.add(cause);
          exchange.complete(cause);
        });
  }

  private void failOnData(HttpExchange exchange) {
    askForPiece(exchange, StreamingPages::fail, failures::add);
    held.set(exchange);
  }

  private static void failOnFailure(HttpExchange exchange) {
    askForPiece(exchange, () -> {}, cause -> fail());
  }

  private static void fail() {
    throw new IllegalStateException("a handler's mistake");
  }

  /** Opens the body of a request, and asks for one piece of it, which is thrown away. */
  static void askForPiece(HttpExchange exchange, Runnable onPiece, Consumer<Throwable> onFailure) {
    exchange
        .body()
        .open(
            new BodyConsumer() {
              @Override
              public void chunk(ByteBuf data, boolean last) {
                data.release();
                onPiece.run();
              }

              @Override
              public void failed(Throwable cause) {
                onFailure.accept(cause);
              }
            })
        .request();
  }

  // At once, whatever the client takes: far more than the kernel keeps for it.
  private void flood(HttpExchange exchange) {
    exchange.context().onCancel(cancelled::add);
    exchange.response().head(200, new Headers().add("Content-Length", "" + FLOOD));
    exchange.response().data(Unpooled.wrappedBuffer(new byte[FLOOD]));
    exchange.complete(null);
  }

  EchoHandler echo() {
    return echo;
  }

  /** Why requests were cancelled. */
  List<CancelCause> cancelled() {
    return cancelled;
  }

  /** What readers of bodies were told of those that did not come. */
  List<Throwable> failures() {
    return failures;
  }

  boolean isHolding() {
    return held.get() != null;
  }

  /** Waits for the request that is held. */
  HttpExchange exchange() {
    await().until(() -> held.get() != null);
    HttpExchange exchange = held.get();
    if (exchange == null) {
      throw new AssertionError("none");
    }
    return exchange;
  }
}
