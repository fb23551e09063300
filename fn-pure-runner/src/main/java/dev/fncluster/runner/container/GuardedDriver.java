package dev.fncluster.runner.container;

import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.Subject;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.driver.ContainerExit;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.driver.DriverContainer;
import dev.fncluster.runner.driver.PreparedImage;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A driver of others, within a limit of time: one that hangs keeps neither a call, nor what its
 * container has reserved, nor the stop of the node. What it makes too late is removed again.
 *
 * <p>Thread-safe. Not for our own driver, which has a limit for each of its requests.
 */
public final class GuardedDriver implements ContainerDriver {
  private static final Logger log = LoggerFactory.getLogger(GuardedDriver.class);

  private final ContainerDriver driver;
  private final DriverSteps steps;

  /**
   * Guards {@code driver}.
   *
   * @param limit for each step about one container; a pull has its own time beside
   */
  public GuardedDriver(ContainerDriver driver, ExtensionRunner runner, Duration limit) {
    this.driver = driver;
    this.steps = new DriverSteps(runner, limit);
  }

  @Override
  public PreparedImage prepareImage(ContainerSpec spec, Duration pullTimeout)
      throws InterruptedException {
    return steps.call(
        driver,
        subject(spec),
        pullTimeout.plus(steps.limit()),
        () -> driver.prepareImage(spec, pullTimeout),
        PreparedImage::close);
  }

  @Override
  public DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit)
      throws InterruptedException {
    DriverContainer made =
        steps.call(
            driver,
            subject(spec),
            steps.limit(),
            () -> driver.create(spec, onExit),
            late -> removeLate(late, spec));
    return new GuardedContainer(made, subject(spec), steps);
  }

  private static void removeLate(DriverContainer late, ContainerSpec spec) {
    // It was meant for the step that is over.
    Thread.interrupted();
    try {
      late.remove();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      leftBehind(spec, e);
    } catch (RuntimeException | LinkageError e) {
      leftBehind(spec, e);
    }
  }

  private static void leftBehind(ContainerSpec spec, Throwable why) {
    log.atError()
        .addKeyValue("container_id", spec.id())
        .addKeyValue("fn_id", spec.fnId())
        .addKeyValue("app_id", spec.appId())
        .setCause(why)
        .log("A container that was made too late was left behind");
  }

  /** On event loops, for every call: without a limit, as its contract says. */
  @Override
  public String slotKeyExtension(Map<String, String> extensions) {
    try {
      return Objects.requireNonNull(driver.slotKeyExtension(extensions), "it returned null");
    } catch (Throwable failure) {
      throw ExtensionRunner.told(driver, Subject.NONE, failure);
    }
  }

  @Override
  public Optional<String> obstacle() {
    return steps.now(driver, Subject.NONE, driver::obstacle);
  }

  @Override
  public void close() {
    boolean unused =
        steps.now(
            driver,
            Subject.NONE,
            () -> {
              driver.close();
              return true;
            });
  }

  private static Subject subject(ContainerSpec spec) {
    return new Subject("", spec.fnId(), spec.appId());
  }
}
