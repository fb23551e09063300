package dev.fncluster.runner.status;

import dev.fncluster.api.error.FnException;
import dev.fncluster.proto.RunnerStatus;
import dev.fncluster.runner.extension.HealthChecker;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
  private final ExecutorService virtualThreads;
  private final Duration limit;

  /**
   * A check.
   *
   * @param checker null for none
   * @param image null for none
   */
  public StatusCheck(
      StatusSettings settings,
      @Nullable HealthChecker checker,
      @Nullable StatusImage image,
      ExecutorService virtualThreads) {
    this(settings, checker, image, virtualThreads, LIMIT);
  }

  StatusCheck(
      StatusSettings settings,
      @Nullable HealthChecker checker,
      @Nullable StatusImage image,
      ExecutorService virtualThreads,
      Duration limit) {
    this.settings = settings;
    this.checker = checker;
    this.image = image;
    this.virtualThreads = virtualThreads;
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

  private Map<String, String> check(HealthChecker with) throws Exception {
    Future<Map<String, String>> checking = virtualThreads.submit(with::check);
    try {
      Map<String, String> found = checking.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      if (found == null) {
        throw new IllegalStateException("the health checker answered nothing");
      }
      return found;
    } catch (TimeoutException e) {
      checking.cancel(true);
      throw new IllegalStateException("the health checker took longer than " + limit, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
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
