package dev.fncluster.api.plugin;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.settings.SettingException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long a plugin may take until it is made, or an extension until it is set up: one that hangs
 * must keep its node from starting with a message, not for ever. Thread-safe.
 *
 * @param runner runs them
 * @param limit positive
 */
record StartLimit(ExtensionRunner runner, Duration limit) {
  private static final Logger log = LoggerFactory.getLogger(StartLimit.class);

  private record Made<T>(@Nullable T value, @Nullable Exception failure) {}

  /**
   * Runs a step of a start and waits for it.
   *
   * @param extension whose step it is, or its class
   * @param what it is, at the beginning of a message
   * @return what {@code step} returned
   * @throws SettingException when it took too long; what it makes after that is closed if it can be
   * @throws Exception what {@code step} threw
   */
  <T> @Nullable T within(Object extension, String what, Callable<@Nullable T> step)
      throws Exception {
    Made<T> made;
    try {
      made =
          runner.call(extension, Subject.NONE, limit, () -> begun(step), late -> close(late.value));
    } catch (FnException hung) {
      throw new SettingException(
          what
              + " did not start within "
              + limit.toMillis()
              + " ms, which is "
              + ExtensionSettings.START_LIMIT.name());
    }
    if (made.failure != null) {
      throw made.failure;
    }
    return made.value;
  }

  /**
   * Has a factory make what it is for.
   *
   * @param factory that, or its class
   * @param what it is, at the beginning of a message
   * @throws SettingException when it fails, takes too long, or makes nothing
   */
  <T> T make(Object factory, String what, Callable<@Nullable T> making) {
    T made;
    try {
      made = within(factory, what, making);
    } catch (SettingException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SettingException(what + " was interrupted while it started");
    } catch (Exception e) {
      log.atError()
          .addKeyValue("extension", ExtensionRunner.classOf(factory).getName())
          .setCause(e)
          .log("a plugin failed to start");
      throw new SettingException(what + " failed to start: " + root(e));
    }
    if (made == null) {
      throw new SettingException(what + " made nothing, but null");
    }
    return made;
  }

  /** What is at the root of a failure. */
  static String root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.toString();
  }

  private static <T> Made<T> begun(Callable<@Nullable T> step) throws Exception {
    try {
      return new Made<>(step.call(), null);
    } catch (LinkageError | java.util.ServiceConfigurationError e) {
      return new Made<>(null, new UnusableException(e));
    } catch (Exception e) {
      return new Made<>(null, e);
    }
  }

  private static void close(@Nullable Object late) {
    if (late instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        log.atWarn()
            .addKeyValue("extension", late.getClass().getName())
            .setCause(e)
            .log("An extension that was made too late could not be closed");
      }
    }
  }

  /** An error of linking or loading, which the cause tells. */
  static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableException(Throwable cause) {
      super(cause);
    }
  }
}
