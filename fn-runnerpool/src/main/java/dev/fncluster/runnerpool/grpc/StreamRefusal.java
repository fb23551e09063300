package dev.fncluster.runnerpool.grpc;

import io.grpc.Status;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Knows the ends of a stream by which HTTP/2 promises that the other side has not processed
 * anything of it: REFUSED_STREAM, and a GOAWAY that names an earlier stream as the last.
 *
 * <p>gRPC knows it too, but tells nobody outside when its own retries are off: the text of the
 * status is all there is. A text that is not known here is no promise. So an end that gRPC words
 * differently one day becomes an error, never a second execution.
 */
final class StreamRefusal {
  // With other codes than NO_ERROR the last stream of a GOAWAY is not to be relied on: Netty as a
  // server once told it wrong.
  private static final List<String> TEXTS =
      List.of(
          "RST_STREAM closed stream. HTTP/2 error code: REFUSED_STREAM",
          "Abrupt GOAWAY closed sent stream. HTTP/2 error code: NO_ERROR",
          "Abrupt GOAWAY closed unsent stream. ");

  private StreamRefusal() {}

  /** Whether a stream that ended with {@code status} was certainly not processed. */
  static boolean isMeantBy(Status status) {
    @Nullable String text = status.getDescription();
    return text != null && TEXTS.stream().anyMatch(text::startsWith);
  }
}
