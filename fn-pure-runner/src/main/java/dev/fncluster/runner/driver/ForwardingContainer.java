package dev.fncluster.runner.driver;

import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.apiguardian.api.API;

/**
 * A container that leaves everything to that of another driver: what one begins with to change some
 * of it. Thread-safe if the other one is, as all are.
 */
@API(status = API.Status.STABLE, since = "0.1")
public abstract class ForwardingContainer implements DriverContainer {
  private final DriverContainer container;

  /** A container before {@code container}. */
  protected ForwardingContainer(DriverContainer container) {
    this.container = Objects.requireNonNull(container, "container");
  }

  @Override
  public void follow(OutputListener listener) throws InterruptedException, IOException {
    container.follow(listener);
  }

  @Override
  public void start() throws InterruptedException {
    container.start();
  }

  @Override
  public Optional<Freezer> freezer() throws InterruptedException {
    return container.freezer();
  }

  @Override
  public Optional<CallHooks> hooks() {
    return container.hooks();
  }

  @Override
  public void remove() throws InterruptedException {
    container.remove();
  }
}
