package dev.fncluster.lb;

import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.model.CallType;
import dev.fncluster.runnerpool.TryResult;
import org.jspecify.annotations.Nullable;

/**
 * How a call ended: under which heading it is counted, and what its caller hears.
 *
 * @param error null for success
 */
record CallEnd(Kind kind, @Nullable Throwable error) {
  private static final CallEnd SUCCESS = new CallEnd(Kind.COMPLETED, null);

  /** The headings, named as in the metrics. */
  enum Kind {
    COMPLETED("completed", "success"),
    TIMEOUTS("timeouts", "timeout"),
    SERVER_BUSY("server_busy", "error"),
    CANCELED("canceled", "error"),
    ERRORS("errors", "error");

    private final String tag;
    private final String callStatus;

    Kind(String tag, String callStatus) {
      this.tag = tag;
      this.callStatus = callStatus;
    }

    String tag() {
      return tag;
    }

    /** What the model of the call says. */
    String callStatus() {
      return callStatus;
    }
  }

  /** What the placer's answer means for a call of that type. */
  static CallEnd of(TryResult result, CallType type) {
    return switch (result) {
      case TryResult.Placed placed -> {
        Throwable error = placed.error();
        yield error == null ? SUCCESS : ofError(error);
      }
      case TryResult.NotPlaced notPlaced -> ofError(notPlaced.error());
      case TryResult.Abandoned abandoned -> ofCause(abandoned.cause(), abandoned.sent(), type);
    };
  }

  /** The same end, as one that took too long if it was the function that did. */
  CallEnd withFunctionTimeouts() {
    return kind == Kind.ERRORS && InvocationErrors.isCallTimeout(error)
        ? new CallEnd(Kind.TIMEOUTS, error)
        : this;
  }

  static CallEnd ofError(Throwable error) {
    return new CallEnd(
        InvocationErrors.isServerBusy(error) ? Kind.SERVER_BUSY : Kind.ERRORS, error);
  }

  /**
   * The end of a call whose context ended.
   *
   * @param sent whether a runner might have executed it
   */
  static CallEnd ofCause(CancelCause cause, boolean sent, CallType type) {
    return switch (cause) {
      case CLIENT_GONE -> new CallEnd(Kind.CANCELED, InvocationErrors.clientCancelled());
      case PLACER_TIMEOUT -> ofError(InvocationErrors.serverBusy());
      case DEADLINE ->
          sent
              ? new CallEnd(Kind.TIMEOUTS, deadlineError(type))
              : ofError(InvocationErrors.serverBusy());
      case SHUTDOWN ->
          sent
              // Not "busy", which would invite the caller to send the call again.
              ? ofError(new ServiceException(500, "Server stopped before the call ended"))
              : ofError(InvocationErrors.serverBusy());
      case ATTEMPT_OVER ->
          ofError(
              InvocationErrors.internal(
                  new IllegalStateException("an attempt was given up by nobody")));
    };
  }

  private static ServiceException deadlineError(CallType type) {
    return switch (type) {
      case DETACHED -> InvocationErrors.serviceReservationFailure();
      case SYNC -> new ServiceException(504, "Timed out");
    };
  }
}
