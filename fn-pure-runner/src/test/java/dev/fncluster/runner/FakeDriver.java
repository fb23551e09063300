package dev.fncluster.runner;

import dev.fncluster.runner.driver.CallHooks;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.driver.ContainerExit;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.driver.DriverContainer;
import dev.fncluster.runner.driver.Freezer;
import dev.fncluster.runner.driver.OutputListener;
import dev.fncluster.runner.driver.OutputSource;
import dev.fncluster.runner.driver.PreparedImage;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Containers that are {@link TestFunction}s of this process, on real Unix sockets. */
public final class FakeDriver implements ContainerDriver {
  private final List<Made> made = new ArrayList<>();
  private final AtomicInteger alive = new AtomicInteger();
  private volatile Duration startDelay = Duration.ZERO;
  private volatile Function<ContainerSpec, @Nullable RuntimeException> failure = spec -> null;
  private volatile boolean silent;
  private volatile Duration pullTime = Duration.ZERO;
  private volatile @Nullable CallHooks hooks;
  private volatile UnaryOperator<Map<String, String>> slotKeyParts = all -> Map.of();
  private volatile boolean freezes;
  private volatile Duration freezeDelay = Duration.ZERO;
  private volatile @Nullable IOException thawFailure;
  private volatile @Nullable IOException followFailure;

  /** One container. */
  public final class Made implements DriverContainer {
    private final ContainerSpec spec;
    private final Consumer<ContainerExit> onExit;
    private final Ice ice = new Ice();
    private @Nullable TestFunction function;
    private boolean removed;
    private volatile @Nullable OutputListener output;

    Made(ContainerSpec spec, Consumer<ContainerExit> onExit) {
      this.spec = spec;
      this.onExit = onExit;
    }

    /** What was asked for. */
    public ContainerSpec spec() {
      return spec;
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
    public void follow(OutputListener listener) throws IOException {
      IOException failure = followFailure;
      if (failure != null) {
        throw failure;
      }
      output = listener;
    }

    /** The function writes {@code text}. One thread at a time. */
    public void write(OutputSource source, String text) {
      Objects.requireNonNull(output, "nobody reads its output")
          .output(source, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    }

    @Override
    public Optional<Freezer> freezer() {
      return freezes ? Optional.of(ice) : Optional.empty();
    }

    @Override
    public Optional<CallHooks> hooks() {
      return Optional.ofNullable(hooks);
    }

    /** Its freezer. */
    Ice ice() {
      return ice;
    }

    @Override
    public synchronized void remove() {
      if (!removed) {
        ice.removedWhileFrozen |= ice.frozen;
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

    /** The function in it; null before it listens. */
    public @Nullable TestFunction function() {
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

  /** Remembers whether a container is frozen; freezes nothing. */
  final class Ice implements Freezer {
    private final AtomicInteger inside = new AtomicInteger();
    volatile boolean frozen;
    volatile boolean overlapped;
    volatile boolean removedWhileFrozen;
    volatile int freezes;
    volatile int thaws;

    @Override
    public void freeze() throws InterruptedException {
      enter();
      Thread.sleep(freezeDelay);
      freezes++;
      frozen = true;
      inside.decrementAndGet();
    }

    @Override
    public void thaw() throws IOException {
      IOException failure = thawFailure;
      if (failure != null) {
        throw failure;
      }
      enter();
      frozen = false;
      thaws++;
      inside.decrementAndGet();
    }

    private void enter() {
      overlapped |= inside.incrementAndGet() > 1;
    }
  }

  /** Has containers be freezable, each freezing taking {@code delay}. */
  FakeDriver freezing(Duration delay) {
    freezes = true;
    freezeDelay = delay;
    return this;
  }

  /** Has {@code value} called around the calls of containers made from now on. */
  FakeDriver hooks(CallHooks value) {
    hooks = value;
    return this;
  }

  /** Has calls be kept apart whose extensions differ in what {@code value} makes of them. */
  FakeDriver slotKeyParts(UnaryOperator<Map<String, String>> value) {
    slotKeyParts = value;
    return this;
  }

  @Override
  public String slotKeyExtension(Map<String, String> extensions) {
    Map<String, String> parts = slotKeyParts.apply(extensions);
    return parts.isEmpty() ? "" : new TreeMap<>(parts).toString();
  }

  /** Has thawing fail with {@code value}, unless that is null. */
  FakeDriver failThaw(@Nullable IOException value) {
    thawFailure = value;
    return this;
  }

  /** Has the output of containers be out of reach, because of {@code value}. */
  FakeDriver failFollow(IOException value) {
    followFailure = value;
    return this;
  }

  /** How long starts take. */
  public FakeDriver startDelay(Duration value) {
    startDelay = value;
    return this;
  }

  /** How long pulls of images take. */
  public FakeDriver pullTime(Duration value) {
    pullTime = value;
    return this;
  }

  /** Has creations fail with what {@code value} returns, unless that is null. */
  public FakeDriver failWith(Function<ContainerSpec, @Nullable RuntimeException> value) {
    failure = value;
    return this;
  }

  /** Whether started functions never listen. */
  public FakeDriver silent(boolean value) {
    silent = value;
    return this;
  }

  /** All containers there ever were. */
  public synchronized List<Made> made() {
    return List.copyOf(made);
  }

  /** Containers that were not removed. */
  public int alive() {
    return alive.get();
  }

  @Override
  public PreparedImage prepareImage(ContainerSpec spec, Duration pullTimeout)
      throws InterruptedException {
    Thread.sleep(pullTime);
    return PreparedImage.pulledFor(pullTime);
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
