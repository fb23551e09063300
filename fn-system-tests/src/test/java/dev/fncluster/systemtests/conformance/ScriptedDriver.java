package dev.fncluster.systemtests.conformance;

import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.driver.ContainerExit;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.driver.DriverContainer;
import dev.fncluster.runner.driver.PreparedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Containers that are {@link ScriptedFunction}s; the image says which. Thread-safe. */
final class ScriptedDriver implements ContainerDriver {
  private final Map<String, ScriptedFunction.Script> scripts = new ConcurrentHashMap<>();
  private final List<Made> made = new CopyOnWriteArrayList<>();

  /** One container. */
  final class Made implements DriverContainer {
    private final ContainerSpec spec;
    private final Consumer<ContainerExit> onExit;
    private @Nullable ScriptedFunction function;

    private Made(ContainerSpec spec, Consumer<ContainerExit> onExit) {
      this.spec = spec;
      this.onExit = onExit;
    }

    ContainerSpec spec() {
      return spec;
    }

    @Override
    public synchronized void start() {
      if (!scripts.containsKey(spec.image())) {
        return;
      }
      try {
        function =
            ScriptedFunction.start(
                spec.id(),
                Path.of(spec.socketDirectory()),
                seen -> scripts.get(spec.image()).answer(seen));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Its process ends by itself. */
    void exit(int code) {
      remove();
      onExit.accept(new ContainerExit(code));
    }

    @Override
    public synchronized void remove() {
      ScriptedFunction running = function;
      function = null;
      try {
        if (running != null) {
          running.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * Has containers of that image answer so from now on; those of images without a script never
   * listen.
   */
  void script(String image, ScriptedFunction.Script script) {
    scripts.put(image, script);
  }

  /** All containers there ever were of that image. */
  List<Made> made(String image) {
    return made.stream().filter(each -> each.spec.image().equals(image)).toList();
  }

  /** The container of that id. */
  Made container(String id) {
    return made.stream().filter(each -> each.spec.id().equals(id)).findFirst().orElseThrow();
  }

  @Override
  public PreparedImage prepareImage(ContainerSpec spec, Duration pullTimeout) {
    return PreparedImage.pulledFor(Duration.ZERO);
  }

  @Override
  public DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit) {
    Made container = new Made(spec, onExit);
    made.add(container);
    return container;
  }

  @Override
  public void close() {}
}
