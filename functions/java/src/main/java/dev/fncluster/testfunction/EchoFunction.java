package dev.fncluster.testfunction;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Answers with what was sent. The answer begins when the request has ended, as the contract wants
 * it; so the body is kept meanwhile, a large one in a file. A request may ask, in a header, for an
 * answer that takes its time.
 */
final class EchoFunction implements Function {
  private static final String DELAY_MILLIS = "Function-Delay-Millis";

  @Override
  public void answer(Request request, Response response) throws IOException {
    response.header(
        "Content-Type", Objects.requireNonNullElse(request.header("Content-Type"), "text/plain"));
    try (Spool spool = Spool.read(request.body())) {
      delay(request.header(DELAY_MILLIS));
      response.length(spool.length());
      spool.writeTo(response);
    }
  }

  private static void delay(@Nullable String millis) throws IOException {
    if (millis == null) {
      return;
    }
    try {
      Thread.sleep(Long.parseLong(millis));
    } catch (InterruptedException interrupted) {
      throw new InterruptedIOException("interrupted while delaying an answer");
    } catch (NumberFormatException malformed) {
      throw new IOException(DELAY_MILLIS + " is " + millis + ", expected milliseconds", malformed);
    }
  }
}
