package dev.fncluster.runner.slot;

import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.runner.resource.ResourceTracker.Reservation;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/** A call takes a free container and gives it back. */
public class SlotBenchmark {
  // A call has looked at the clock already.
  private static final long NOW = 1;

  private record Slot(EventLoop eventLoop) implements HotSlot {
    @Override
    public long busyNanos(long nowNanos) {
      return 0;
    }

    @Override
    public boolean isStopped() {
      return false;
    }
  }

  private static final class NoLauncher implements SlotLauncher<Slot> {
    @Override
    public int startsUnderWay() {
      return 0;
    }

    @Override
    public @Nullable Reservation reserve(SlotQueue<Slot> queue) {
      return null;
    }

    @Override
    public boolean makeRoom(SlotQueue<Slot> queue) {
      return true;
    }

    @Override
    public void launch(SlotQueue<Slot> queue, Waiter<Slot> cause, Reservation reservation) {
      throw new IllegalStateException("nothing was reserved");
    }
  }

  /** The queue of a function that has two free containers on each of two event loops. */
  @State(Scope.Benchmark)
  public static class Queue {
    private final SlotQueue<Slot> queue =
        new SlotQueue<>(
            "key",
            new ResourceAmount(128 << 20, 0),
            new NoLauncher(),
            new LaunchPolicy(false),
            1,
            1_000,
            System::nanoTime);
    private final EventLoop[] loops = {new DefaultEventLoop(), new DefaultEventLoop()};
    private int callers;

    /** Fills the queue. */
    public Queue() {
      for (int i = 0; i < 4; i++) {
        queue.started(new Slot(loops[i % 2]), 1);
      }
    }

    private synchronized EventLoop nextLoop() {
      return loops[callers++ % 2];
    }

    /** Ends the loops, which nobody has used. */
    @TearDown(Level.Trial)
    public void close() {
      for (EventLoop each : loops) {
        var unused = each.shutdownGracefully();
      }
    }
  }

  /** The calls of one event loop. */
  @State(Scope.Thread)
  public static class Caller implements Waiter<Slot> {
    @SuppressWarnings("NullAway.Init")
    private EventLoop loop;

    private @Nullable Slot taken;

    /** Chooses the loop. */
    @Setup
    public void enter(Queue queue) {
      loop = queue.nextLoop();
    }

    @Override
    public EventLoop eventLoop() {
      return loop;
    }

    @Override
    public void assigned(Slot slot, long nowNanos) {
      taken = slot;
    }

    @Override
    public void refused(Throwable why) {
      throw new IllegalStateException(why);
    }
  }

  /** On one event loop. */
  @Benchmark
  @Threads(1)
  public @Nullable Object takeAndGiveBack(Queue of, Caller caller) {
    return call(of, caller);
  }

  /** On two event loops at once. */
  @Benchmark
  @Threads(2)
  public @Nullable Object takeAndGiveBackOnTwoLoops(Queue of, Caller caller) {
    return call(of, caller);
  }

  private static @Nullable Object call(Queue of, Caller caller) {
    of.queue.submit(caller, NOW);
    Slot taken = caller.taken;
    if (taken != null) {
      caller.taken = null;
      of.queue.release(taken, NOW);
    }
    return taken;
  }
}
