package dev.fncluster.api.plugin;

import dev.fncluster.api.extension.CallListener;
import dev.fncluster.api.model.Call;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All call listeners of a node, told one after the other. Thread-safe. */
public final class CallListeners {
  private final List<CallListener> all;
  private final ExtensionRunner runner;

  /** Listeners, told in this order. */
  public CallListeners(List<CallListener> all, ExtensionRunner runner) {
    this.all = List.copyOf(all);
    this.runner = runner;
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return all.isEmpty();
  }

  /** How far {@link #before} came with one call. */
  public static final class Heard {
    private int count;
  }

  /**
   * Tells of a beginning.
   *
   * @param heard filled in, for {@link #after}
   * @param then told on {@code loop}: null if the call may go on, else what it ends with
   */
  public void before(Call call, EventLoop loop, Heard heard, Consumer<@Nullable Throwable> then) {
    next(call, loop, heard, then);
  }

  private void next(Call call, EventLoop loop, Heard heard, Consumer<@Nullable Throwable> then) {
    if (heard.count == all.size()) {
      then.accept(null);
      return;
    }
    CallListener listener = all.get(heard.count);
    runner
        .start(listener, Subject.of(call), () -> listener.before(call))
        .whenComplete((done, failure) ->
            loop.execute(() -> {
              if (failure == null) {
                heard.count++;
                next(call, loop, heard, then);
              } else {
                then.accept(failure);
              }
            }));
  }

  /**
   * Takes down how a call ended, for those that heard of its beginning.
   *
   * @param call is copied now; the caller may change it afterwards
   * @param then told when all of them know, on any thread
   * @return tells them; to be run once
   */
  public Runnable ending(Call call, Heard heard, Runnable then) {
    int count = heard.count;
    if (count == 0) {
      return then;
    }
    Call end = call.copy();
    return () -> after(end, count, 0, then);
  }

  private void after(Call end, int count, int index, Runnable then) {
    if (index == count) {
      then.run();
      return;
    }
    CallListener listener = all.get(index);
    // The runner has logged a failure, which is all that comes of it.
    runner
        .start(listener, Subject.of(end), () -> listener.after(end))
        .whenComplete((done, failure) -> after(end, count, index + 1, then));
  }
}
