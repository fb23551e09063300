package dev.fncluster.runner.engage;

import dev.fncluster.api.error.Blame;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.CallTimings;
import dev.fncluster.api.model.Timestamps;
import dev.fncluster.proto.CallFinished;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Puts the end of a call into the protocol's words. */
final class CallFinishedMessages {
  private CallFinishedMessages() {}

  /**
   * The last message of a session.
   *
   * @param call null when the call was refused before it was understood
   * @param failure null for success
   * @param clock for a call that was refused before the agent got it, or has started but not ended
   */
  static CallFinished of(@Nullable Call call, @Nullable Throwable failure, Clock clock) {
    CallFinished.Builder message = CallFinished.newBuilder().setSuccess(failure == null);
    if (failure != null) {
      FnException known = failure instanceof FnException e ? e : InvocationErrors.internal(failure);
      message
          .setErrorCode(known.code())
          .setErrorStr(known.publicMessage())
          .setErrorUser(known.blame() == Blame.USER);
    }
    if (call != null) {
      message.setDetails(call.id()).setImage(call.image());
      times(message, call, clock);
      CallTimings timings = call.timings();
      message
          .setImagePullWaitDuration(timings.imagePullWaitNanos())
          .setCtrPrepDuration(timings.containerPrepNanos())
          .setCtrCreateDuration(timings.containerCreateNanos())
          .setInitStartTime(timings.initNanos());
    }
    return message.build();
  }

  private static void times(CallFinished.Builder message, Call call, Clock clock) {
    Instant created = call.createdAt() == null ? clock.instant() : call.createdAt();
    message.setCreatedAt(Timestamps.format(created));
    Instant started = call.startedAt();
    if (started == null) {
      return;
    }
    message
        .setStartedAt(Timestamps.format(started))
        .setSchedulerDuration(Duration.between(created, started).toNanos());
    Instant completed = call.completedAt() == null ? clock.instant() : call.completedAt();
    message
        .setCompletedAt(Timestamps.format(completed))
        .setExecutionDuration(Duration.between(started, completed).toNanos());
  }
}
