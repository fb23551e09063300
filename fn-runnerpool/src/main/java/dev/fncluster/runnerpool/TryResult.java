package dev.fncluster.runnerpool;

import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.error.InvocationErrors;
import java.util.Objects;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/** What became of trying to execute a call, on one runner or on all of them. */
@API(status = API.Status.STABLE, since = "0.1")
public sealed interface TryResult {
  /**
   * No user code ran for the call, and trying elsewhere is safe.
   *
   * @param error {@link InvocationErrors#serverBusy()} where there was no capacity; anything else
   *     says why the runner could not be asked
   */
  record NotPlaced(Throwable error) implements TryResult {
    /** Checks that there is a reason. */
    public NotPlaced {
      Objects.requireNonNull(error, "error");
    }

    /** Whether the reason is lack of capacity. */
    public boolean isBusy() {
      return InvocationErrors.isServerBusy(error);
    }
  }

  /**
   * The call was executed, or might have been: this is final.
   *
   * @param error null for success; an {@link dev.fncluster.api.error.FnException} is an answer for
   *     the caller, anything else an internal error
   */
  record Placed(@Nullable Throwable error) implements TryResult {
    private static final Placed OK = new Placed(null);
  }

  /**
   * The context ended first.
   *
   * @param cause why it ended
   * @param sent whether the call had been sent to a runner, so that it might have been executed
   */
  record Abandoned(CancelCause cause, boolean sent) implements TryResult {
    /** Checks that there is a cause. */
    public Abandoned {
      Objects.requireNonNull(cause, "cause");
    }
  }

  /** Executed, with success. */
  static TryResult ok() {
    return Placed.OK;
  }

  /** Executed, or maybe executed, with an error. */
  static TryResult failed(Throwable error) {
    return new Placed(Objects.requireNonNull(error, "error"));
  }

  /** Not executed for lack of capacity. */
  static TryResult busy() {
    return new NotPlaced(InvocationErrors.serverBusy());
  }
}
