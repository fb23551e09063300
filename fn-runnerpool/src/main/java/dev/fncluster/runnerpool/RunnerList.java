package dev.fncluster.runnerpool;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.FunctionException;
import java.util.List;
import java.util.Objects;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * A pool's answer: who may take a call.
 *
 * @param runners in the order of the pool; empty when there is nobody now
 * @param error what is wrong with the pool, or null. Runners that come with an error are tried all
 *     the same; the error reaches the caller when none of them takes the call
 * @param definite whether {@code error} will be there as well when the pool is asked again, so that
 *     waiting is of no use; always true of a {@link FunctionException} with code 502, never without
 *     an error
 */
@API(status = API.Status.STABLE, since = "0.1")
public record RunnerList(List<Runner> runners, @Nullable FnException error, boolean definite) {
  /** The code by which pools of every make say that waiting is of no use. */
  private static final int DEFINITE_CODE = 502;

  private static final RunnerList EMPTY = new RunnerList(List.of(), null, false);

  /** Copies the list, which costs nothing when it is immutable. */
  public RunnerList {
    runners = List.copyOf(runners);
    definite =
        error != null
            && (definite || (error instanceof FunctionException && error.code() == DEFINITE_CODE));
  }

  /** These runners, and no error. */
  public static RunnerList of(List<Runner> runners) {
    return runners.isEmpty() ? EMPTY : new RunnerList(runners, null, false);
  }

  /** These runners, although something is wrong: they are tried, as long as there are any. */
  public static RunnerList withError(List<Runner> runners, FnException error) {
    return new RunnerList(runners, Objects.requireNonNull(error, "error"), false);
  }

  /**
   * No runner just now, because of an error that may pass. The pool is asked again until the
   * placer's timeout, and the caller then hears of the last error. For a {@link FunctionException}
   * with code 502 this is the same as {@link #refused}.
   */
  public static RunnerList failed(FnException error) {
    return new RunnerList(List.of(), Objects.requireNonNull(error, "error"), false);
  }

  /**
   * No runner for this call, now or later: the call ends at once with {@code error}, whatever its
   * code. For errors that waiting can't mend, such as a group of runners that does not exist.
   */
  public static RunnerList refused(FnException error) {
    return new RunnerList(List.of(), Objects.requireNonNull(error, "error"), true);
  }

  /** Whether the search for a runner is over with this answer: nobody to try, and never will be. */
  public boolean endsSearch() {
    return definite && runners.isEmpty();
  }
}
