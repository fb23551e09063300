package dev.fncluster.runner.driver;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.apiguardian.api.API;

/**
 * A driver that leaves everything to another one: what one begins with to change some of it.
 *
 * <p>Thread-safe if the other one is, as all are.
 */
@API(status = API.Status.STABLE, since = "0.1")
public abstract class ForwardingDriver implements ContainerDriver {
  private final ContainerDriver driver;

  /** A driver before {@code driver}, which it closes together with itself. */
  protected ForwardingDriver(ContainerDriver driver) {
    this.driver = Objects.requireNonNull(driver, "driver");
  }

  @Override
  public PreparedImage prepareImage(ContainerSpec spec, Duration pullTimeout)
      throws InterruptedException {
    return driver.prepareImage(spec, pullTimeout);
  }

  @Override
  public DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit)
      throws InterruptedException {
    return driver.create(spec, onExit);
  }

  @Override
  public String slotKeyExtension(Map<String, String> extensions) {
    return driver.slotKeyExtension(extensions);
  }

  @Override
  public Optional<String> obstacle() {
    return driver.obstacle();
  }

  @Override
  public void close() {
    driver.close();
  }
}
