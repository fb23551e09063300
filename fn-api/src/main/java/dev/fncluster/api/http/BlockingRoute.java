package dev.fncluster.api.http;

import dev.fncluster.api.error.InvocationErrors;
import java.util.concurrent.Semaphore;

/** Lets a {@link BlockingHandler} answer: gathers the body, then runs it on a virtual thread. */
final class BlockingRoute implements HttpHandler {
  private final BlockingHandler handler;
  private final Semaphore permits;
  private final int maxBody;

  /**
   * A route to {@code handler}.
   *
   * @param permits how many requests of all such routes may be worked on; never waited for
   * @param maxBody the longest body in bytes
   */
  BlockingRoute(BlockingHandler handler, Semaphore permits, int maxBody) {
    this.handler = handler;
    this.permits = permits;
    this.maxBody = maxBody;
  }

  @Override
  public void handle(HttpExchange exchange) {
    BodyCollector.collect(
        exchange.body(),
        maxBody,
        new BodyCollector.Result() {
          @Override
          public void collected(byte[] body) {
            start(exchange, body);
          }

          @Override
          public void failed(Throwable cause) {
            exchange.complete(cause);
          }
        });
  }

  // The permit is taken only now: a client that sends slowly must not hold one.
  private void start(HttpExchange exchange, byte[] body) {
    if (!permits.tryAcquire()) {
      exchange.complete(InvocationErrors.serverBusy());
      return;
    }
    Thread.ofVirtual().name("http-request").start(() -> run(exchange, body));
  }

  private void run(HttpExchange exchange, byte[] body) {
    try {
      HttpResponse response = handler.handle(exchange.request(), body);
      exchange.respond(response);
    } catch (Throwable e) {
      exchange.complete(e);
    } finally {
      permits.release();
    }
  }
}
