package dev.fncluster.api.invoke;

import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** Goes on with what a future gives: at once when it is there, else later on the event loop. */
final class Loaded {
  private Loaded() {}

  /** Calls one of the two, on {@code loop}, on which this is called too. */
  static <T> void then(
      CompletableFuture<T> future, EventLoop loop, Consumer<T> use, Consumer<Throwable> failed) {
    if (future.isDone()) {
      settle(future, use, failed);
    } else {
      future.whenComplete((value, failure) -> loop.execute(() -> settle(future, use, failed)));
    }
  }

  private static <T> void settle(
      CompletableFuture<T> future, Consumer<T> use, Consumer<Throwable> failed) {
    T value;
    try {
      value = future.join();
    } catch (CompletionException e) {
      failed.accept(e.getCause() == null ? e : e.getCause());
      return;
    } catch (RuntimeException e) {
      failed.accept(e);
      return;
    }
    try {
      use.accept(value);
    } catch (RuntimeException e) {
      failed.accept(e);
    }
  }
}
