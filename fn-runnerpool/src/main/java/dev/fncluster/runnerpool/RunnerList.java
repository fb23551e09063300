package dev.fncluster.runnerpool;

import dev.fncluster.api.error.FnException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A pool's answer: who may take a call.
 *
 * @param runners in the order of the pool; empty when there is nobody now
 * @param error what is wrong with the pool, or null. Runners that come with an error are tried all
 *     the same; the error reaches the caller when none of them takes the call
 */
public record RunnerList(List<Runner> runners, @Nullable FnException error) {
  private static final RunnerList EMPTY = new RunnerList(List.of(), null);

  /** Copies the list, which costs nothing when it is immutable. */
  public RunnerList {
    runners = List.copyOf(runners);
  }

  /** These runners, and no error. */
  public static RunnerList of(List<Runner> runners) {
    return runners.isEmpty() ? EMPTY : new RunnerList(runners, null);
  }

  /** No runner, because of {@code error}. */
  public static RunnerList failed(FnException error) {
    return new RunnerList(List.of(), Objects.requireNonNull(error, "error"));
  }
}
