package dev.fncluster.runner.container;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.runner.driver.CallHooks;
import dev.fncluster.runner.driver.ContainerExit;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.driver.DriverContainer;
import dev.fncluster.runner.driver.Freezer;
import dev.fncluster.runner.freeze.FreezeControl;
import dev.fncluster.runner.function.FunctionConnection;
import dev.fncluster.runner.logs.ContainerLog;
import dev.fncluster.runner.resource.ResourceTracker;
import dev.fncluster.runner.slot.HotSlot;
import dev.fncluster.runner.slot.SlotQueue;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A container whose function serves calls, one at a time, until it is idle for too long, breaks, or
 * has to make room.
 *
 * <p>Thread-safe. Exactly one party owns it at a time: its queue while it is free, a call while it
 * is busy. Only the owner stops it; a death that others notice is left to the owner.
 */
public final class HotContainer implements HotSlot, Remains {
  private static final Logger log = LoggerFactory.getLogger(HotContainer.class);
  private static final Duration THAW_LIMIT = Duration.ofSeconds(20);
  private static final String OVER = "its process ended, or can't be frozen or thawed";
  private static final String OUT_OF_MEMORY =
      "container out of memory, you may want to raise fn.memory for this function (default: 128MB)";

  /**
   * What a container needs of the node.
   *
   * @param freezeDelay after how much idleness a container is frozen, if it can be
   */
  public record Node(
      EventLoops loops,
      Executor virtualThreads,
      LongSupplier nanoClock,
      Duration freezeDelay,
      int maxResponseHeaderSize,
      Disposal disposal) {}

  /** Removes what is left of a stopped container, in the background. Must not block. */
  public interface Disposal {
    /**
     * A container is about to stop: what it has reserved will be free. Called while it can still be
     * seen that it has it, so that nobody finds neither.
     */
    void stopping(Remains remains);

    /** Takes over a container that nobody uses any more. */
    void dispose(HotContainer container);

    /** Takes over what there is of a container that could not be started. */
    void disposeOfFailed(Remains remains);
  }

  private final ContainerSpec spec;
  private final ContainerLifecycle lifecycle;
  private final DriverContainer driverContainer;
  private final SocketDirectory directory;
  private final ResourceTracker.Reservation reservation;
  private final SlotQueue<HotContainer> queue;
  private final EventLoop loop;
  private final Node node;
  private final @Nullable ContainerLog output;
  private final IdleTimer idleTimer;
  private final @Nullable FreezeControl freezing;
  private final @Nullable CallHooks hooks;
  private final long createdNanos;

  private final AtomicBoolean stopped = new AtomicBoolean();
  private final CompletableFuture<ContainerExit> exit = new CompletableFuture<>();
  private volatile boolean stuck;
  // Of the call under way, or that it broke off in.
  private volatile String callId = "";
  private volatile @Nullable FunctionConnection connection;
  private volatile long busySinceNanos;
  private volatile boolean busy;
  // Its owner's.
  private boolean served;
  private volatile @Nullable Runnable cancelCall;

  /**
   * A container whose function listens.
   *
   * @param lifecycle in {@link ContainerState#START}
   * @param freezer null for a container that is never frozen
   * @param connection the first connection, which lives on {@code loop}
   * @param output what it writes; null if nobody reads that
   */
  HotContainer(
      ContainerSpec spec,
      ContainerLifecycle lifecycle,
      DriverContainer driverContainer,
      @Nullable Freezer freezer,
      SocketDirectory directory,
      ResourceTracker.Reservation reservation,
      SlotQueue<HotContainer> queue,
      FunctionConnection connection,
      Duration idleTimeout,
      @Nullable ContainerLog output,
      Node node) {
    this.spec = spec;
    this.lifecycle = lifecycle;
    this.driverContainer = driverContainer;
    this.directory = directory;
    this.reservation = reservation;
    this.queue = queue;
    this.connection = connection;
    this.loop = connection.eventLoop();
    this.node = node;
    this.output = output;
    this.hooks = driverContainer.hooks().orElse(null);
    this.freezing =
        freezer == null
            ? null
            : new FreezeControl(
                freezer,
                () -> lifecycle.state() == ContainerState.PAUSED,
                node.virtualThreads(),
                this::freezingFailed);
    this.idleTimer =
        new IdleTimer(
            loop,
            node.nanoClock(),
            freezer == null ? -1 : node.freezeDelay().toNanos(),
            idleTimeout.toNanos(),
            new Idleness());
    this.createdNanos = node.nanoClock().getAsLong();
  }

  /** The id, which is also the name the engine knows it by. */
  public String id() {
    return spec.id();
  }

  @Override
  public ContainerSpec spec() {
    return spec;
  }

  @Override
  public ResourceTracker.Reservation reservation() {
    return reservation;
  }

  /** What its driver does around calls; null if that is nothing. */
  public @Nullable CallHooks hooks() {
    return hooks;
  }

  /** The queue it serves. */
  public SlotQueue<HotContainer> queue() {
    return queue;
  }

  /** When it was made, on the node's nanosecond clock. */
  public long createdNanos() {
    return createdNanos;
  }

  /** The state. */
  public ContainerState state() {
    return lifecycle.state();
  }

  @Override
  public EventLoop eventLoop() {
    return loop;
  }

  @Override
  public long busyNanos(long nowNanos) {
    return busy ? Math.max(1, nowNanos - busySinceNanos) : 0;
  }

  @Override
  public boolean isStopped() {
    return stopped.get();
  }

  /** Whether a call was executed in it, however that ended. For its owner. */
  public boolean hasServed() {
    return served;
  }

  /** Its owner's call spent {@code nanos} in it. */
  public void executed(long nanos) {
    queue.executed(nanos, !served);
    served = true;
  }

  /** The container is ready: it goes to its queue for the first time. */
  void ready(long tookNanos) {
    long now = node.nanoClock().getAsLong();
    lifecycle.moveTo(ContainerState.IDLE, now);
    queue.started(this, tookNanos);
    afterRelease(now);
  }

  /**
   * Its owner begins a call. A frozen container is thawed while the request is on its way to it.
   *
   * @param callId what the function writes from now on belongs to that call
   * @param nowNanos on the node's nanosecond clock
   * @param cancel ends the call with all that belongs to it, from any thread
   */
  public void begin(String callId, long nowNanos, Runnable cancel) {
    this.callId = callId;
    ContainerLog log = output;
    if (log != null) {
      log.callBegan(callId);
    }
    cancelCall = cancel;
    busySinceNanos = nowNanos;
    busy = true;
    if (lifecycle.moveTo(ContainerState.BUSY, nowNanos) == ContainerState.PAUSED) {
      updateFreezing();
    }
  }

  /** The connection there is; null if there is none that can be used, see {@link #connect}. */
  public @Nullable FunctionConnection connection() {
    FunctionConnection now = connection;
    return !stuck && now != null && now.isOpen() ? now : null;
  }

  /**
   * Makes the owner a new connection, since the function closed the last one. Nothing of a call has
   * been sent then, so this is safe.
   *
   * @param listener called on the loop of this container
   */
  public void connect(FunctionConnection.Listener listener) {
    if (stuck) {
      loop.execute(() -> listener.failed(new IOException("the container can't be thawed")));
      return;
    }
    // Looks at the socket's file, which event loops don't.
    node.virtualThreads().execute(() -> reconnect(listener));
  }

  private void reconnect(FunctionConnection.Listener listener) {
    Path socket;
    try {
      socket = directory.socket();
    } catch (IOException e) {
      loop.execute(() -> listener.failed(e));
      return;
    }
    FunctionConnection.connect(
        node.loops(),
        loop,
        socket,
        node.maxResponseHeaderSize(),
        new FunctionConnection.Listener() {
          @Override
          public void connected(FunctionConnection made) {
            connection = made;
            listener.connected(made);
          }

          @Override
          public void failed(Throwable cause) {
            listener.failed(cause);
          }
        });
  }

  /**
   * Its owner ends a call after which it can take another one.
   *
   * @param nowNanos on the node's nanosecond clock
   */
  public void release(long nowNanos) {
    callEnded();
    callId = "";
    lifecycle.moveTo(ContainerState.IDLE, nowNanos);
    giveBack(nowNanos);
  }

  /**
   * Its owner gives it back, ready for the next call or without having begun one.
   *
   * @param nowNanos on the node's nanosecond clock
   */
  public void giveBack(long nowNanos) {
    if (isOver()) {
      stop(OVER);
      return;
    }
    queue.release(this, nowNanos);
    afterRelease(nowNanos);
  }

  private boolean isOver() {
    return exit.isDone() || stuck;
  }

  private void callEnded() {
    busy = false;
    cancelCall = null;
    ContainerLog log = output;
    if (log != null) {
      log.callEnded();
    }
  }

  private void afterRelease(long nowNanos) {
    if (isOver()) {
      stopIfIdle(OVER);
    }
    idleTimer.idle(nowNanos);
  }

  /** Its process ended. Any thread. */
  void exited(ContainerExit how) {
    exit.complete(how);
    log.atInfo()
        .addKeyValue("call_id", callId)
        .addKeyValue("container_id", id())
        .addKeyValue("fn_id", spec.fnId())
        .addKeyValue("app_id", spec.appId())
        .addKeyValue("exit_code", how.code())
        .log(how.isKilled() ? OUT_OF_MEMORY : "Container exited");
    FunctionConnection now = connection;
    if (now != null) {
      now.close();
    }
    stopIfIdle(OVER);
  }

  /**
   * Tells whether its process ends within {@code limit}, as soon as that is known; on any thread.
   */
  public CompletableFuture<Boolean> exitsWithin(Duration limit) {
    return exit.thenApply(how -> true)
        .completeOnTimeout(false, limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Stops it unless it is busy. */
  public boolean stopIfIdle(String why) {
    if (queue.takeIfIdle(this)) {
      stop(why);
      return true;
    }
    return false;
  }

  /** Ends the call that it executes, if any, and with it the container. */
  public void cancelCall() {
    Runnable cancel = cancelCall;
    if (cancel != null) {
      cancel.run();
    }
  }

  /** Its owner stops it. Idempotent; the removal goes on in the background. */
  public void stop(String why) {
    if (!stopped.compareAndSet(false, true)) {
      return;
    }
    callEnded();
    node.disposal().stopping(this);
    lifecycle.moveTo(ContainerState.DONE);
    log.atDebug()
        .addKeyValue("container_id", id())
        .addKeyValue("fn_id", spec.fnId())
        .addKeyValue("app_id", spec.appId())
        .addKeyValue("why", why)
        .log("Container stops");
    FunctionConnection now = connection;
    if (now != null) {
      now.close();
    }
    node.disposal().dispose(this);
  }

  @Override
  public void remove() throws InterruptedException, IOException {
    thawForever();
    driverContainer.remove();
    // Not before: as long as the container is there its process may use it.
    directory.delete();
  }

  // A frozen process can't be killed everywhere.
  private void thawForever() throws InterruptedException {
    FreezeControl control = freezing;
    if (control == null) {
      return;
    }
    try {
      if (!control.end(THAW_LIMIT)) {
        log.atWarn().addKeyValue("container_id", id()).log("Freezing or thawing does not end");
      }
    } catch (IOException | RuntimeException e) {
      // Its processes may be gone, which is as good.
      log.atDebug()
          .addKeyValue("container_id", id())
          .setCause(e)
          .log("A container can't be thawed before its removal");
    }
  }

  private void updateFreezing() {
    FreezeControl control = freezing;
    if (control != null) {
      control.update();
    }
  }

  /** Nobody knows whether its processes run. Any thread. */
  private void freezingFailed(Exception why) {
    if (exit.isDone() || stopped.get()) {
      return;
    }
    // Its control group goes with its last process, a moment before anybody tells of its end.
    boolean gone = why instanceof NoSuchFileException;
    log.atLevel(gone ? Level.DEBUG : Level.WARN)
        .addKeyValue("container_id", id())
        .addKeyValue("fn_id", spec.fnId())
        .addKeyValue("app_id", spec.appId())
        .setCause(why)
        .log("A container could not be frozen or thawed");
    stuck = true;
    FunctionConnection now = connection;
    if (now != null) {
      now.close();
    }
    stopIfIdle(OVER);
  }

  private final class Idleness implements IdleTimer.Watched {
    @Override
    public ContainerState state() {
      return lifecycle.state();
    }

    @Override
    public void freeze() {
      if (lifecycle.move(ContainerState.IDLE, ContainerState.PAUSED)) {
        updateFreezing();
      }
    }

    @Override
    public void expire() {
      stopIfIdle("it was idle for too long");
    }
  }
}
