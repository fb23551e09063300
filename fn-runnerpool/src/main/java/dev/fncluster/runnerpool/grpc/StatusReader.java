package dev.fncluster.runnerpool.grpc;

import dev.fncluster.runnerpool.RunnerStatus;
import java.time.Duration;

/** Turns a runner's status message into our record. */
final class StatusReader {
  private StatusReader() {}

  static RunnerStatus read(dev.fncluster.proto.RunnerStatus message) {
    return new RunnerStatus(
        message.getActive(),
        message.getRequestsReceived(),
        message.getRequestsHandled(),
        message.getKdumpsOnDisk(),
        message.getFailed(),
        message.getCached(),
        message.getIsNetworkDisabled(),
        message.getId(),
        message.getDetails(),
        message.getErrorCode(),
        message.getErrorStr(),
        message.getCreatedAt(),
        message.getStartedAt(),
        message.getCompletedAt(),
        new RunnerStatus.Durations(
            Duration.ofNanos(message.getSchedulerDuration()),
            Duration.ofNanos(message.getExecutionDuration()),
            Duration.ofNanos(message.getImagePullWaitDuration()),
            Duration.ofNanos(message.getCtrPrepDuration()),
            Duration.ofNanos(message.getCtrCreateDuration()),
            Duration.ofNanos(message.getInitStartTime())),
        message.getCustomStatusMap());
  }
}
