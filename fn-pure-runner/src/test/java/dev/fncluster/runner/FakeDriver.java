package dev.fncluster.runner;

import dev.fncluster.runner.container.ContainerDriver;
import dev.fncluster.runner.container.ContainerExit;
import dev.fncluster.runner.container.ContainerSpec;
import dev.fncluster.runner.container.DriverContainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Containers that are {@link TestFunction}s of this process, on real Unix sockets. */
public final class FakeDriver implements ContainerDriver {
  private final List<Made> made = new ArrayList<>();
  private final AtomicInteger alive = new AtomicInteger();
  private volatile Duration startDelay = Duration.ZERO;
  private volatile Function<ContainerSpec, @Nullable RuntimeException> failure = spec -> null;
  private volatile boolean silent;

  /** One container. */
  public final class Made implements DriverContainer {
    private final ContainerSpec spec;
    private final Consumer<ContainerExit> onExit;
    private @Nullable TestFunction function;
    private boolean removed;

    Made(ContainerSpec spec, Consumer<ContainerExit> onExit) {
      this.spec = spec;
      this.onExit = onExit;
    }

    @Override
    public void start() throws InterruptedException {
      Thread.sleep(startDelay);
      try {
        if (!silent) {
          function = TestFunction.start(Path.of(spec.socketDirectory()));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public synchronized void remove() {
      if (!removed) {
        removed = true;
        alive.decrementAndGet();
        closeFunction();
      }
    }

    /** The process ends by itself. */
    void exit(int code) {
      closeFunction();
      onExit.accept(new ContainerExit(code));
    }

    @Nullable TestFunction function() {
      return function;
    }

    private void closeFunction() {
      try {
        if (function != null) {
          function.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** How long starts take. */
  public FakeDriver startDelay(Duration value) {
    startDelay = value;
    return this;
  }

  /** Has creations fail with what {@code value} returns, unless that is null. */
  FakeDriver failWith(Function<ContainerSpec, @Nullable RuntimeException> value) {
    failure = value;
    return this;
  }

  /** Whether started functions never listen. */
  FakeDriver silent(boolean value) {
    silent = value;
    return this;
  }

  /** All containers there ever were. */
  public synchronized List<Made> made() {
    return List.copyOf(made);
  }

  /** Containers that were not removed. */
  int alive() {
    return alive.get();
  }

  @Override
  public Duration prepareImage(ContainerSpec spec, Duration pullTimeout) {
    return Duration.ZERO;
  }

  @Override
  public synchronized DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit) {
    RuntimeException refusal = failure.apply(spec);
    if (refusal != null) {
      throw refusal;
    }
    Made container = new Made(spec, onExit);
    made.add(container);
    alive.incrementAndGet();
    return container;
  }

  @Override
  public void close() {}
}
