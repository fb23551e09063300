package dev.fncluster.runner.slot;

import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.runner.resource.ResourceTracker.Reservation;
import io.netty.channel.EventLoop;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All containers of one kind (one slot key) and the calls that wait for one.
 *
 * <p>Thread-safe and lock-free: whoever takes a container or a call out of its list owns it. A free
 * container is taken last in, first out, so that surplus ones get old and go; one that lives on the
 * call's own event loop is preferred. Calls wait first in, first out.
 *
 * @param <S> the kind of container
 */
public final class SlotQueue<S extends HotSlot> {
  private static final Logger log = LoggerFactory.getLogger(SlotQueue.class);
  private static final int FIRST_EXECUTIONS = 16;
  private static final long FIRST_START_NANOS = 700_000_000;
  // So that a timer which rounds down is not early.
  private static final long LOOK_AFTER_NANOS = 1_000_000;
  // So low that the calls which still find a retired queue never count it up to zero.
  private static final int RETIRED = Integer.MIN_VALUE / 2;

  private final String key;
  private final ResourceAmount amount;
  private final SlotLauncher<S> launcher;
  private final LaunchPolicy policy;
  private final int startLimit;
  private final int maxQueued;
  private final LongSupplier nanoClock;

  private final Map<EventLoop, ConcurrentLinkedDeque<S>> idleByLoop = new ConcurrentHashMap<>();
  private final AtomicInteger idle = new AtomicInteger();
  private final ConcurrentLinkedDeque<Waiter<S>> waiting = new ConcurrentLinkedDeque<>();
  private final AtomicInteger queued = new AtomicInteger();
  private final List<S> slots = new CopyOnWriteArrayList<>();
  private final AtomicInteger starting = new AtomicInteger();
  // Whose launches are under way: each call causes one at a time.
  private final Set<Waiter<S>> causing = ConcurrentHashMap.newKeySet();
  private final AtomicInteger decisions = new AtomicInteger();
  private volatile long executionNanos;
  private volatile int executions;
  private volatile long startNanos = FIRST_START_NANOS;
  private volatile long lastUsedNanos;

  /**
   * A queue without containers.
   *
   * @param key the slot key
   * @param amount what each container takes
   * @param startLimit how many starts the node carries at once
   * @param maxQueued how many calls may wait
   * @param nanoClock as {@link System#nanoTime()}
   */
  public SlotQueue(
      String key,
      ResourceAmount amount,
      SlotLauncher<S> launcher,
      LaunchPolicy policy,
      int startLimit,
      int maxQueued,
      LongSupplier nanoClock) {
    this.key = key;
    this.amount = amount;
    this.launcher = launcher;
    this.policy = policy;
    this.startLimit = startLimit;
    this.maxQueued = maxQueued;
    this.nanoClock = nanoClock;
    lastUsedNanos = nanoClock.getAsLong();
  }

  /** The slot key. */
  public String key() {
    return key;
  }

  /** What each container takes. */
  public ResourceAmount amount() {
    return amount;
  }

  /**
   * Gives {@code waiter} a container, now or later. Called on the waiter's loop.
   *
   * @param nowNanos on the clock of this queue
   * @return false when this queue was {@link #retire retired} meanwhile: the waiter is not known
   */
  public boolean submit(Waiter<S> waiter, long nowNanos) {
    S free = takeIdle(waiter.eventLoop());
    if (free != null) {
      waiter.assigned(free, nowNanos);
      return true;
    }
    lastUsedNanos = nowNanos;
    int length = queued.incrementAndGet();
    if (length < 0) {
      return false;
    }
    if (length > maxQueued) {
      queued.decrementAndGet();
      waiter.refused(InvocationErrors.serverBusy());
      return true;
    }
    waiting.addLast(waiter);
    // A container that came free since the first look did not see this waiter.
    match(nowNanos);
    reconsider(nowNanos);
    return true;
  }

  /**
   * Takes a waiting call back.
   *
   * @return whether it was still waiting: it hears nothing then
   */
  public boolean withdraw(Waiter<S> waiter) {
    if (waiting.remove(waiter)) {
      queued.decrementAndGet();
      return true;
    }
    return false;
  }

  /**
   * The owner of {@code slot} gives it back, ready for the next call.
   *
   * @param nowNanos on the clock of this queue
   */
  public void release(S slot, long nowNanos) {
    Waiter<S> next = pollWaiting();
    if (next != null) {
      assign(next, slot, nowNanos);
      if (executions < FIRST_EXECUTIONS) {
        // Each of the first calls that ends tells something new to those that still wait.
        reconsider(nowNanos);
      }
      return;
    }
    putIdle(slot);
    if (!waiting.isEmpty()) {
      match(nowNanos);
    }
  }

  /**
   * Takes {@code slot} if it is free, in order to stop it.
   *
   * @return whether the caller owns it now
   */
  public boolean takeIfIdle(S slot) {
    ConcurrentLinkedDeque<S> of = idleByLoop.get(slot.eventLoop());
    if (of != null && of.remove(slot)) {
      idle.decrementAndGet();
      return true;
    }
    return false;
  }

  /** A launched container is ready. The queue owns it from now on. */
  public void started(S slot, long tookNanos) {
    startNanos = average(startNanos, tookNanos, 4);
    slots.add(slot);
    starting.decrementAndGet();
    release(slot, nanoClock.getAsLong());
    if (executions == 0 && !waiting.isEmpty()) {
      // By then its first call has ended, or tells that calls take long.
      slot.eventLoop()
          .schedule(
              (Runnable) this::reconsider,
              LaunchPolicy.setUpNanos(startNanos) + LOOK_AFTER_NANOS,
              TimeUnit.NANOSECONDS);
    }
  }

  /**
   * A launch is over. If it failed, {@code cause} gets the error if it still waits; the others
   * cause the next one.
   *
   * @param failure null if {@link #started} was called
   */
  public void launchEnded(Waiter<S> cause, @Nullable Throwable failure) {
    causing.remove(cause);
    if (failure != null) {
      starting.decrementAndGet();
      if (withdraw(cause)) {
        refuse(cause, failure);
      }
    }
    reconsider();
  }

  /** A launch is over that came to nothing, for now: its cause may cause another one at once. */
  public void launchPutOff(Waiter<S> cause) {
    causing.remove(cause);
    starting.decrementAndGet();
    reconsider();
  }

  /** A container that was started is no more. */
  public void removed(S slot) {
    // Calls that find a free container leave no other trace of the use of this queue.
    lastUsedNanos = nanoClock.getAsLong();
    slots.remove(slot);
    reconsider();
  }

  /**
   * A call spent {@code nanos} in a container.
   *
   * @param first whether it was the container's first one
   */
  public void executed(long nanos, boolean first) {
    if (first && nanos <= LaunchPolicy.setUpNanos(startNanos)) {
      // It paid for what the function sets up, and tells little of those that follow.
      return;
    }
    // Several loops may get here at once; that one of their samples is lost does no harm.
    long last = executionNanos;
    int known = executions;
    if (known < FIRST_EXECUTIONS) {
      executions = known + 1;
    }
    if (last == 0) {
      executionNanos = Math.max(1, nanos);
    } else {
      // The first ones run on cold code; that must not count for long.
      executionNanos = Math.max(1, average(last, nanos, known < FIRST_EXECUTIONS ? 2 : 8));
    }
  }

  /** Looks at the waiting calls again: launches, refuses, or lets them wait. */
  public void reconsider() {
    if (!waiting.isEmpty()) {
      reconsider(nanoClock.getAsLong());
    }
  }

  private void reconsider(long nowNanos) {
    if (waiting.isEmpty()) {
      return;
    }
    // One thread decides at a time; what others noticed meanwhile is one more round for it.
    if (decisions.getAndIncrement() != 0) {
      return;
    }
    boolean complete = false;
    try {
      int seen = 1;
      do {
        decide(nowNanos);
        seen = decisions.addAndGet(-seen);
      } while (seen != 0);
      complete = true;
    } finally {
      if (!complete) {
        // Whoever broke it, a launch or a call, must not be the last one that is decided about.
        decisions.set(0);
      }
    }
  }

  /** Refuses all waiting calls. */
  public void refuseAll(Throwable why) {
    for (Waiter<S> each = pollWaiting(); each != null; each = pollWaiting()) {
      refuse(each, why);
    }
  }

  /** Calls that wait. */
  public int queued() {
    return queued.get();
  }

  /** Containers that are free. */
  public int idle() {
    return idle.get();
  }

  /** Containers being started. */
  public int starting() {
    return starting.get();
  }

  /** The containers that were started and not removed yet. A snapshot. */
  public List<S> slots() {
    return List.copyOf(slots);
  }

  /**
   * Ends this queue if it has no containers and nobody used it for {@code nanos}.
   *
   * @return whether it takes no more calls
   */
  public boolean retire(long nanos) {
    return slots.isEmpty()
        && starting.get() == 0
        && nanoClock.getAsLong() - lastUsedNanos > nanos
        && queued.compareAndSet(0, RETIRED);
  }

  private void decide(long nowNanos) {
    while (true) {
      switch (policy.decide(situation(nowNanos))) {
        case WAIT -> {
          return;
        }
        case LAUNCH -> {
          Waiter<S> cause = nextCause();
          if (cause == null) {
            return;
          }
          Reservation reservation = launcher.reserve(this);
          if (reservation == null) {
            causing.remove(cause);
            return;
          }
          starting.incrementAndGet();
          launcher.launch(this, cause, reservation);
        }
        case REFUSE -> {
          // Its turn comes last; those before it may still be served in time.
          Waiter<S> last = waiting.pollLast();
          if (last == null) {
            return;
          }
          queued.decrementAndGet();
          refuse(last, InvocationErrors.serverBusy());
        }
      }
    }
  }

  private LaunchPolicy.Situation situation(long nowNanos) {
    long[] busy = new long[slots.size()];
    int there = 0;
    int count = 0;
    for (S each : slots) {
      long nanos = each.busyNanos(nowNanos);
      there += each.isStopped() ? 0 : 1;
      if (nanos > 0 && count < busy.length) {
        busy[count++] = nanos;
      }
    }
    int nowQueued = queued.get();
    int nowIdle = idle.get();
    // The others are on their way to their calls, which may be on another loop: about to begin.
    while (count < busy.length && count + nowIdle < there) {
      busy[count++] = 1;
    }
    int nowStarting = starting.get();
    int nodeStarts = launcher.startsUnderWay();
    LaunchPolicy.Situation withRoom =
        new LaunchPolicy.Situation(
            nowQueued,
            nowIdle,
            nowStarting,
            Arrays.copyOf(busy, count),
            executionNanos,
            startNanos,
            nodeStarts,
            startLimit,
            true,
            false);
    if (policy.decide(withRoom) != LaunchPolicy.Decision.LAUNCH) {
      // Whether there is room does not matter: that part is not looked at on the warm path.
      return withRoom;
    }
    Reservation probe = launcher.reserve(this);
    boolean room = probe != null;
    if (probe != null) {
      probe.release();
    }
    return new LaunchPolicy.Situation(
        nowQueued,
        nowIdle,
        nowStarting,
        withRoom.busyNanos(),
        executionNanos,
        startNanos,
        nodeStarts,
        startLimit,
        room,
        !room && launcher.makeRoom(this));
  }

  private @Nullable Waiter<S> nextCause() {
    for (Waiter<S> each : waiting) {
      if (causing.add(each)) {
        return each;
      }
    }
    return null;
  }

  private @Nullable S takeIdle(EventLoop preferred) {
    if (idle.get() == 0) {
      return null;
    }
    ConcurrentLinkedDeque<S> own = idleByLoop.get(preferred);
    S found = own == null ? null : own.pollFirst();
    if (found == null) {
      for (ConcurrentLinkedDeque<S> other : idleByLoop.values()) {
        found = other.pollFirst();
        if (found != null) {
          break;
        }
      }
    }
    if (found != null) {
      idle.decrementAndGet();
    }
    return found;
  }

  private void putIdle(S slot) {
    idle.incrementAndGet();
    idleByLoop
        .computeIfAbsent(slot.eventLoop(), loop -> new ConcurrentLinkedDeque<>())
        .addFirst(slot);
  }

  private @Nullable Waiter<S> pollWaiting() {
    Waiter<S> next = waiting.pollFirst();
    if (next != null) {
      queued.decrementAndGet();
    }
    return next;
  }

  private void match(long nowNanos) {
    while (!waiting.isEmpty()) {
      Waiter<S> first = waiting.peekFirst();
      if (first == null) {
        return;
      }
      S free = takeIdle(first.eventLoop());
      if (free == null) {
        return;
      }
      Waiter<S> next = pollWaiting();
      if (next == null) {
        putIdle(free);
      } else {
        assign(next, free, nowNanos);
      }
    }
  }

  private void assign(Waiter<S> waiter, S slot, long nowNanos) {
    onLoop(waiter, () -> waiter.assigned(slot, nowNanos));
  }

  private void refuse(Waiter<S> waiter, Throwable why) {
    onLoop(waiter, () -> waiter.refused(why));
  }

  private void onLoop(Waiter<S> waiter, Runnable action) {
    if (waiter.eventLoop().inEventLoop()) {
      action.run();
      return;
    }
    try {
      waiter.eventLoop().execute(action);
    } catch (RejectedExecutionException e) {
      log.atWarn().addKeyValue("slot", key).log("A call's event loop is gone before its end");
    }
  }

  private static long average(long last, long now, int weight) {
    return last + (now - last) / weight;
  }
}
