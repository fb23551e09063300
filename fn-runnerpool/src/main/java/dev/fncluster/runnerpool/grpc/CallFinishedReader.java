package dev.fncluster.runnerpool.grpc;

import dev.fncluster.api.error.FunctionException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.proto.CallFinished;
import dev.fncluster.runnerpool.TryResult;

/** What a runner's last message means. */
final class CallFinishedReader {
  private static final int BUSY = 503;

  private CallFinishedReader() {}

  /**
   * The result of the attempt.
   *
   * @param outputSeen whether the runner sent any output before: then it can't turn the call down
   */
  static TryResult read(CallFinished finished, boolean outputSeen) {
    if (finished.getSuccess()) {
      return TryResult.ok();
    }
    int code = finished.getErrorCode();
    if (code == BUSY) {
      return outputSeen
          ? TryResult.failed(
              InvocationErrors.internal(
                  new RunnerException("runner sent output and then turned the call down")))
          : TryResult.busy();
    }
    String text =
        finished.getErrorStr().isEmpty()
            ? "Unknown Error From Pure Runner"
            : finished.getErrorStr();
    if (code < 100 || code > 599) {
      // An error that the runner has no code for; what it says is for operators, not for callers.
      return TryResult.failed(
          InvocationErrors.internal(
              new RunnerException("runner failed with code " + code + ": " + text)));
    }
    return TryResult.failed(
        finished.getErrorUser()
            ? new FunctionException(code, text)
            : new ServiceException(code, text));
  }

  /** Whether operators should hear of it: neither success, nor the function's fault, nor busy. */
  static boolean isNoteworthy(CallFinished finished) {
    return !finished.getSuccess() && !finished.getErrorUser() && finished.getErrorCode() != BUSY;
  }
}
