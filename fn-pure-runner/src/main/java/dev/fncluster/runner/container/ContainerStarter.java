package dev.fncluster.runner.container;

import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.call.LogIds;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.model.CallTimings;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.trace.CallTrace;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.driver.ContainerExit;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.driver.DriverContainer;
import dev.fncluster.runner.driver.ImageGoneException;
import dev.fncluster.runner.driver.PreparedImage;
import dev.fncluster.runner.function.FunctionConnection;
import dev.fncluster.runner.logs.ContainerLog;
import dev.fncluster.runner.logs.FunctionLogs;
import dev.fncluster.runner.resource.ResourceTracker;
import dev.fncluster.runner.slot.SlotQueue;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings containers to the point where their function listens. Blocking code for virtual threads;
 * thread-safe.
 */
public final class ContainerStarter {
  private static final Logger log = LoggerFactory.getLogger(ContainerStarter.class);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(6);
  // File systems there are on which the watch stays silent; it is not relied upon alone.
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  /**
   * What a starter is told once and for all.
   *
   * @param pullTimeout the longest pull of an image
   * @param startTimeout from the start of a container until its function listens
   */
  public record Options(Duration pullTimeout, Duration startTimeout) {}

  /** How the wait for the socket of a started container ended. */
  public enum SocketWait {
    /** It is there. */
    INITIALIZED,
    /** The process ended, or the node is stopping. */
    CANCELED,
    /** It was not there in time. */
    TIMEDOUT
  }

  /** What the launch of a container consists of, in this order. */
  public enum LaunchPhase {
    /** Waiting for its image; short when it is there. */
    IMAGE_PULL,
    /** Making its folder, and what else has to be known. */
    PREPARE,
    /** Having the engine create and start it. */
    CREATE,
    /** Waiting until its function listens, or has failed to. */
    SOCKET_WAIT
  }

  /** Hears of the life of a container. */
  public interface Observer extends ContainerLifecycle.Observer {
    /** A container was waited for, for {@code nanos} after its start. Must not block. */
    void waitedForSocket(SocketWait end, long nanos);

    /** A phase of a launch ended, after {@code nanos}. Must not block. */
    void phaseEnded(LaunchPhase phase, long nanos);
  }

  /** Lets starts go on, so many at once, and with room for each. */
  public interface Turn {
    /**
     * The image is there; returns when the container may be started. Blocks.
     *
     * @return what the container has reserved
     */
    ResourceTracker.Reservation await() throws InterruptedException;
  }

  /** A container that was made, and does not serve. */
  private record Failed(
      ContainerSpec spec,
      ResourceTracker.Reservation reservation,
      DriverContainer made,
      SocketDirectory directory)
      implements Remains {
    @Override
    public void remove() throws InterruptedException, IOException {
      made.remove();
      // Not before: as long as the container is there its process may use it.
      directory.delete();
    }
  }

  private enum Signal {
    SOCKET,
    EXITED
  }

  private final ContainerDriver driver;
  private final SocketDirectories directories;
  private final SocketWatcher watcher;
  private final HotContainer.Node node;
  private final Options options;
  private final FunctionLogs logs;
  private final IdGenerator ids;
  private final LongSupplier nanoClock;
  // Who waits for an image, which may take minutes; also the lock of this set.
  private final Set<Thread> preparing = new HashSet<>();
  private volatile boolean closing;

  /** A starter of containers that {@code driver} makes. */
  public ContainerStarter(
      ContainerDriver driver,
      SocketDirectories directories,
      SocketWatcher watcher,
      HotContainer.Node node,
      Options options,
      FunctionLogs logs,
      IdGenerator ids) {
    this.driver = driver;
    this.directories = directories;
    this.watcher = watcher;
    this.node = node;
    this.options = options;
    this.logs = logs;
    this.ids = ids;
    this.nanoClock = node.nanoClock();
  }

  /** Has starts under way give up. */
  public void close() {
    synchronized (preparing) {
      closing = true;
      preparing.forEach(Thread::interrupt);
    }
  }

  /**
   * Starts a container for {@code cause} and hands it to {@code queue}. On failure, what there is
   * of it is removed in the background, and what it has reserved released when it is gone.
   *
   * @param turn waited for when the image is there; what it throws ends the start
   * @throws dev.fncluster.api.error.FnException for what the caller should be told
   */
  public void start(Invocation cause, SlotQueue<HotContainer> queue, Observer observer, Turn turn)
      throws InterruptedException, IOException {
    CallTimings timings = cause.call().timings();
    ContainerLifecycle lifecycle = new ContainerLifecycle(nanoClock, observer);
    SocketDirectory directory = null;
    ContainerSpec spec = null;
    DriverContainer made = null;
    ContainerLog output = null;
    PreparedImage image = null;
    ResourceTracker.Reservation reservation = null;
    boolean handedOver = false;
    try {
      long began = nanoClock.getAsLong();
      directory = directories.create();
      ContainerSpec wanted =
          ContainerSpec.of(cause.call(), ids.next(), directory.dockerPath(), cause.extensions());
      spec = wanted;
      CallTrace trace = cause.call().trace();
      image = trace.during("fn.image_pull", () -> prepare(wanted));
      long pulled = image.pulled().toNanos();
      long prepared = nanoClock.getAsLong();
      // A launch that was put off has waited for it, too.
      timings.imagePullWaitNanos(timings.imagePullWaitNanos() + pulled);
      timings.containerPrepNanos(prepared - began - pulled);
      observer.phaseEnded(LaunchPhase.IMAGE_PULL, pulled);
      observer.phaseEnded(LaunchPhase.PREPARE, prepared - began - pulled);
      reservation = turn.await();
      if (closing) {
        // The places of those that gave up came to those that wait for one.
        throw InvocationErrors.serverBusy();
      }

      long ready = nanoClock.getAsLong();
      lifecycle.moveTo(ContainerState.START);
      CompletableFuture<Signal> signal = new CompletableFuture<>();
      CompletableFuture<ContainerExit> exit = new CompletableFuture<>();
      SocketDirectory shared = directory;
      try (SocketWatcher.Watch unused =
          watcher.watch(
              shared.path(),
              () -> {
                if (shared.isOffered()) {
                  signal.complete(Signal.SOCKET);
                }
              })) {
        made =
            trace.during(
                "fn.container_create",
                () ->
                    create(
                        wanted,
                        timings,
                        ended -> {
                          exit.complete(ended);
                          signal.complete(Signal.EXITED);
                        }));
        image.close();
        output = follow(made, wanted, cause);
        DriverContainer startable = made;
        trace.during(
            "fn.container_start",
            () -> {
              startable.start();
              return startable;
            });
        long started = nanoClock.getAsLong();
        timings.containerCreateNanos(started - ready);
        observer.phaseEnded(LaunchPhase.CREATE, started - ready);
        SocketWait end = trace.during("fn.container_init", () -> awaitSocket(signal, shared));
        long waited = nanoClock.getAsLong() - started;
        timings.initNanos(waited);
        observer.waitedForSocket(end, waited);
        observer.phaseEnded(LaunchPhase.SOCKET_WAIT, waited);
        switch (end) {
          case INITIALIZED -> {}
          case CANCELED ->
              throw closing ? InvocationErrors.serverBusy() : InvocationErrors.containerInitFail();
          case TIMEDOUT -> throw InvocationErrors.containerInitTimeout();
        }
      }
      FunctionConnection connection = connect(socket(shared), cause);
      HotContainer container =
          new HotContainer(
              wanted,
              lifecycle,
              made,
              node.freezeDelay().equals(Setting.UNLIMITED) ? null : made.freezer().orElse(null),
              directory,
              reservation,
              queue,
              connection,
              Duration.ofSeconds(cause.call().idleTimeout()),
              output,
              node);
      handedOver = true;
      // First: the call that waits for it may be over, and its process too, before this goes on.
      exit.thenAccept(container::exited);
      // Waiting for others, and for the image, is no part of what a start takes.
      container.ready(nanoClock.getAsLong() - ready + (prepared - began - pulled));
    } finally {
      if (image != null) {
        image.close();
      }
      if (!handedOver) {
        lifecycle.moveTo(ContainerState.DONE);
        giveUp(spec, reservation, made, directory, cause);
      }
    }
  }

  private PreparedImage prepare(ContainerSpec spec) throws InterruptedException {
    synchronized (preparing) {
      if (closing) {
        throw InvocationErrors.serverBusy();
      }
      preparing.add(Thread.currentThread());
    }
    PreparedImage image = null;
    try {
      image = driver.prepareImage(spec, options.pullTimeout());
    } catch (InterruptedException e) {
      if (!closing) {
        throw e;
      }
    } finally {
      synchronized (preparing) {
        preparing.remove(Thread.currentThread());
      }
    }
    if (image != null && !closing) {
      return image;
    }
    // The interrupt was for the wait that is over.
    Thread.interrupted();
    if (image != null) {
      image.close();
    }
    throw InvocationErrors.serverBusy();
  }

  /** Prepares the image once more if somebody has removed it since. */
  private DriverContainer create(
      ContainerSpec spec, CallTimings timings, Consumer<ContainerExit> onExit)
      throws InterruptedException {
    try {
      return driver.create(spec, onExit);
    } catch (ImageGoneException e) {
      log.atInfo()
          .addKeyValue("fn_id", spec.fnId())
          .addKeyValue("app_id", spec.appId())
          .log("An image has gone before a container could be made of it; it is looked for again");
    }
    try (PreparedImage again = prepare(spec)) {
      timings.imagePullWaitNanos(timings.imagePullWaitNanos() + again.pulled().toNanos());
      return driver.create(spec, onExit);
    } catch (ImageGoneException e) {
      // Somebody removes it as fast as it comes. Nothing was executed: another runner may do
      // better.
      log.atWarn()
          .addKeyValue("fn_id", spec.fnId())
          .addKeyValue("app_id", spec.appId())
          .setCause(e)
          .log("An image is removed as soon as it is there");
      throw InvocationErrors.serverBusy();
    }
  }

  /** Without its output a function still does its work. */
  private @Nullable ContainerLog follow(DriverContainer made, ContainerSpec spec, Invocation cause)
      throws InterruptedException {
    ContainerLog opened =
        logs.open(spec.appId(), spec.fnId(), spec.id(), spec.environment()).orElse(null);
    if (opened == null) {
      return null;
    }
    try {
      made.follow(opened);
      return opened;
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("call_id", cause.call().id())
          .addKeyValue("fn_id", spec.fnId())
          .addKeyValue("app_id", spec.appId())
          .addKeyValue("container_id", spec.id())
          .setCause(e)
          .log("What a container writes will be lost");
      return null;
    }
  }

  private SocketWait awaitSocket(CompletableFuture<Signal> signal, SocketDirectory directory)
      throws InterruptedException {
    long deadline = nanoClock.getAsLong() + options.startTimeout().toNanos();
    while (true) {
      long left = deadline - nanoClock.getAsLong();
      if (left <= 0) {
        return SocketWait.TIMEDOUT;
      }
      try {
        return switch (signal.get(Math.min(left, LOOK_AGAIN.toNanos()), TimeUnit.NANOSECONDS)) {
          case SOCKET -> SocketWait.INITIALIZED;
          case EXITED -> SocketWait.CANCELED;
        };
      } catch (TimeoutException e) {
        if (directory.isOffered()) {
          return SocketWait.INITIALIZED;
        }
        if (closing) {
          return SocketWait.CANCELED;
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException("a signal never fails", e);
      }
    }
  }

  private Path socket(SocketDirectory directory) {
    try {
      return directory.socket();
    } catch (IOException e) {
      log.atInfo().setCause(e).log("A function offers a socket that can't be used");
      throw InvocationErrors.containerInitFail();
    }
  }

  private FunctionConnection connect(Path socket, Invocation cause) throws InterruptedException {
    CompletableFuture<FunctionConnection> connecting = new CompletableFuture<>();
    FunctionConnection.connect(
        node.loops(),
        cause.eventLoop(),
        socket,
        node.maxResponseHeaderSize(),
        new FunctionConnection.Listener() {
          @Override
          public void connected(FunctionConnection connection) {
            if (!connecting.complete(connection)) {
              connection.close();
            }
          }

          @Override
          public void failed(Throwable failure) {
            connecting.completeExceptionally(failure);
          }
        });
    try {
      return connecting.get(CONNECT_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      connecting.cancel(false);
      LogIds.on(log.atInfo(), cause.call()).setCause(e).log("A function does not take connections");
      throw InvocationErrors.containerInitFail();
    }
  }

  private void giveUp(
      @Nullable ContainerSpec spec,
      ResourceTracker.@Nullable Reservation reservation,
      @Nullable DriverContainer made,
      @Nullable SocketDirectory directory,
      Invocation cause) {
    if (spec != null && reservation != null && made != null && directory != null) {
      // The engine may be slow, or away: nobody waits for it, and it is asked again.
      node.disposal().disposeOfFailed(new Failed(spec, reservation, made, directory));
      return;
    }
    if (reservation != null) {
      reservation.release();
    }
    try {
      if (directory != null) {
        directory.delete();
      }
    } catch (IOException | RuntimeException e) {
      LogIds.on(log.atError(), cause.call())
          .setCause(e)
          .log("The directory of a container that was not made could not be deleted");
    }
  }
}
