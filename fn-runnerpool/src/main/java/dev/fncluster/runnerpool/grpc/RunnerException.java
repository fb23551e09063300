package dev.fncluster.runnerpool.grpc;

/**
 * A runner could not be reached, or did not keep to the protocol. Without a stack trace: what
 * matters is what the other side did. Callers see a fixed text instead.
 */
final class RunnerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RunnerException(String message) {
    super(message, null, false, false);
  }
}
