package dev.fncluster.runner.container;

import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.Subject;
import dev.fncluster.runner.driver.ImageGoneException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Runs the steps of a driver of others, each within a limit; what they throw that is part of their
 * contract comes through as it is. Thread-safe.
 *
 * @param runner runs them
 * @param limit for each of them; positive
 */
record DriverSteps(ExtensionRunner runner, Duration limit) {
  private record Answer<T>(
      @Nullable T value, @Nullable ImageGoneException gone, @Nullable IOException failure) {}

  /**
   * Runs a step and waits for its result, which is not null.
   *
   * @param late gets a result for which nobody waits any more
   * @throws ImageGoneException as the step did
   * @throws dev.fncluster.api.error.FnException when it failed otherwise, or took too long
   */
  <T> T call(Object extension, Subject subject, Duration within, Callable<T> step, Consumer<T> late)
      throws InterruptedException {
    Answer<T> answer = answer(extension, subject, within, step, late);
    if (answer.gone != null) {
      throw answer.gone;
    }
    if (answer.failure != null) {
      throw InvocationErrors.internal(answer.failure);
    }
    return value(extension, subject, answer);
  }

  /** As the other one, for a step without a result that may fail as its contract says. */
  void run(Object extension, Subject subject, ExtensionRunner.Action step)
      throws InterruptedException, IOException {
    Answer<Boolean> answer = answer(extension, subject, limit, done(step), late -> {});
    if (answer.failure != null) {
      throw answer.failure;
    }
  }

  /** As {@link #run}, for a step that throws no {@link IOException}. */
  void runQuietly(Object extension, Subject subject, ExtensionRunner.Action step)
      throws InterruptedException {
    boolean unused = call(extension, subject, limit, done(step), late -> {});
  }

  /** As {@link #call}, for whoever can't be interrupted: then that is a failure like others. */
  <T> T now(Object extension, Subject subject, Callable<T> step) {
    try {
      return call(extension, subject, limit, step, late -> {});
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ExtensionRunner.told(extension, subject, e);
    }
  }

  private static Callable<Boolean> done(ExtensionRunner.Action step) {
    return () -> {
      step.run();
      return true;
    };
  }

  private <T> Answer<T> answer(
      Object extension, Subject subject, Duration within, Callable<T> step, Consumer<T> late)
      throws InterruptedException {
    Map<String, String> ids = MDC.getCopyOfContextMap();
    return runner.call(
        extension,
        subject,
        within,
        () -> {
          if (ids != null) {
            // The step belongs to the call that its caller works for.
            MDC.setContextMap(ids);
          }
          try {
            return new Answer<>(step.call(), null, null);
          } catch (ImageGoneException e) {
            return new Answer<T>(null, e, null);
          } catch (IOException e) {
            return new Answer<T>(null, null, e);
          }
        },
        tooLate -> {
          if (tooLate.value != null) {
            late.accept(tooLate.value);
          }
        });
  }

  private static <T> T value(Object extension, Subject subject, Answer<T> answer) {
    T value = answer.value;
    if (value == null) {
      throw ExtensionRunner.broken(extension, subject, "it returned null");
    }
    return value;
  }
}
