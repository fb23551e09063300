package dev.fncluster.runner.status;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.Subject;
import dev.fncluster.proto.RunnerStatus;
import dev.fncluster.runner.extension.HealthChecker;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One look at the runner: barrier file, health checker, status image, in this order. Blocks, for
 * virtual threads; thread-safe.
 */
public final class StatusCheck implements Function<String, RunnerStatus> {
  private static final Logger log = LoggerFactory.getLogger(StatusCheck.class);

  /** The longest that a health checker or the status image may take. */
  static final Duration LIMIT = Duration.ofSeconds(60);

  private final StatusSettings settings;
  private final @Nullable HealthChecker checker;
  private final @Nullable StatusImage image;
  private final ExtensionRunner extensions;
  private final Duration limit;

  /**
   * A check.
   *
   * @param checker null for none
   * @param image null for none
   * @param extensions runs the health checker
   */
  public StatusCheck(
      StatusSettings settings,
      @Nullable HealthChecker checker,
      @Nullable StatusImage image,
      ExtensionRunner extensions) {
    this(settings, checker, image, extensions, LIMIT);
  }

  StatusCheck(
      StatusSettings settings,
      @Nullable HealthChecker checker,
      @Nullable StatusImage image,
      ExtensionRunner extensions,
      Duration limit) {
    this.settings = settings;
    this.checker = checker;
    this.image = image;
    this.extensions = extensions;
    this.limit = limit;
  }

  @Override
  public RunnerStatus apply(String input) {
    RunnerStatus.Builder out = RunnerStatus.newBuilder();
    boolean networkDisabled = isNetworkDisabled();
    out.setIsNetworkDisabled(networkDisabled);
    try {
      if (checker != null) {
        out.putAllCustomStatus(check(checker));
      }
      if (image != null) {
        image.run(input, networkDisabled, limit, out);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failed(out, e);
    } catch (Exception e) {
      failed(out, e);
    }
    return out.build();
  }

  private boolean isNetworkDisabled() {
    // A link counts as the file even if it leads nowhere.
    return !settings.barrierPath().isEmpty()
        && !Files.exists(Path.of(settings.barrierPath()), LinkOption.NOFOLLOW_LINKS);
  }

  private record Checked(@Nullable Map<String, String> found, @Nullable Exception failure) {}

  private Map<String, String> check(HealthChecker with) throws Exception {
    Checked checked;
    try {
      checked = extensions.call(with, Subject.NONE, limit, () -> checked(with), late -> {});
    } catch (FnException hung) {
      throw new IllegalStateException("the health checker took longer than " + limit, hung);
    }
    Exception failure = checked.failure;
    if (failure != null) {
      if (!(failure instanceof FnException)) {
        log.atWarn()
            .addKeyValue("extension", with.getClass().getName())
            .log("A health checker failed");
      }
      throw failure;
    }
    Map<String, String> found = checked.found;
    if (found == null) {
      throw ExtensionRunner.broken(with, Subject.NONE, "it returned null");
    }
    return found;
  }

  private static Checked checked(HealthChecker with) {
    try {
      return new Checked(with.check(), null);
    } catch (LinkageError e) {
      return new Checked(null, new IllegalStateException("it does not fit: " + e, e));
    } catch (Exception e) {
      return new Checked(null, e);
    }
  }

  private static void failed(RunnerStatus.Builder out, Exception failure) {
    if (!(failure instanceof FnException)) {
      log.atWarn().setCause(failure).log("The status of this runner could not be found out");
    }
    int code = failure instanceof FnException known ? known.code() : 0;
    String text =
        failure instanceof FnException known ? known.publicMessage() : String.valueOf(failure);
    out.setFailed(true).setErrorCode(code).setErrorStr(text);
  }
}
