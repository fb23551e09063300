package dev.fncluster.runner.container;

import dev.fncluster.api.plugin.Subject;
import dev.fncluster.runner.driver.CallHooks;
import dev.fncluster.runner.driver.DriverContainer;
import dev.fncluster.runner.driver.Freezer;
import dev.fncluster.runner.driver.OutputListener;
import java.io.IOException;
import java.util.Optional;

/** A container of a {@link GuardedDriver}. Thread-safe. */
final class GuardedContainer implements DriverContainer {
  private final DriverContainer container;
  private final Subject subject;
  private final DriverSteps steps;

  GuardedContainer(DriverContainer container, Subject subject, DriverSteps steps) {
    this.container = container;
    this.subject = subject;
    this.steps = steps;
  }

  @Override
  public void follow(OutputListener listener) throws InterruptedException, IOException {
    steps.run(container, subject, () -> container.follow(listener));
  }

  @Override
  public void start() throws InterruptedException {
    steps.runQuietly(container, subject, container::start);
  }

  @Override
  public Optional<Freezer> freezer() throws InterruptedException {
    return steps
        .call(container, subject, steps.limit(), container::freezer, late -> {})
        .map(GuardedFreezer::new);
  }

  /** What it returns is run with a limit by whoever uses it. */
  @Override
  public Optional<CallHooks> hooks() {
    return steps.now(container, subject, container::hooks);
  }

  @Override
  public void remove() throws InterruptedException {
    steps.runQuietly(container, subject, container::remove);
  }

  private final class GuardedFreezer implements Freezer {
    private final Freezer freezer;

    GuardedFreezer(Freezer freezer) {
      this.freezer = freezer;
    }

    @Override
    public void freeze() throws InterruptedException, IOException {
      steps.run(freezer, subject, freezer::freeze);
    }

    @Override
    public void thaw() throws InterruptedException, IOException {
      steps.run(freezer, subject, freezer::thaw);
    }
  }
}
