package dev.fncluster.lb;

import dev.fncluster.api.call.CallCompletion;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.model.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the event loop of its call. What the caller of a detached call hears: the status with
 * which a runner took the call, or the error with which none did.
 *
 * <p>The answer waits until the request body has been read to its end: with the answer, the
 * exchange that the body comes from is over. Bodies need not be gathered for this, whatever their
 * size: until a runner has taken the call the exchange is open and the body can be read again.
 */
final class DetachedAnswer {
  private static final int ACCEPTED = 202;

  private final ResponseSink client;
  private final CallCompletion completion;
  private boolean bodyRead;
  private boolean answered;
  private int status;
  private @Nullable Headers headers;

  DetachedAnswer(ResponseSink client, CallCompletion completion) {
    this.client = client;
    this.completion = completion;
  }

  /** Whether the caller has its answer, so that later errors have nobody to go to. */
  boolean isAnswered() {
    return answered;
  }

  /** A runner took the call. */
  void head(int status, Headers headers) {
    this.status = status;
    // The body that these describe is dropped.
    this.headers = withoutBody(headers.copy().remove("Content-Encoding"));
    answerWhenReady();
  }

  /** Whether the attempt that is under way has read the whole body. */
  void bodyRead(boolean whole) {
    bodyRead = whole;
    answerWhenReady();
  }

  /** The call ended. */
  void ended(@Nullable Throwable error) {
    if (answered) {
      return;
    }
    Headers known = headers;
    if (error != null) {
      answered = true;
      completion.done(error);
    } else if (known != null) {
      answer(status, known);
    } else {
      answer(ACCEPTED, withoutBody(new Headers(1)));
    }
  }

  private void answerWhenReady() {
    Headers known = headers;
    if (!answered && bodyRead && known != null) {
      answer(status, known);
    }
  }

  private static Headers withoutBody(Headers headers) {
    return headers.set("Content-Length", "0");
  }

  private void answer(int withStatus, Headers withHeaders) {
    answered = true;
    client.head(withStatus, withHeaders);
    completion.done(null);
  }
}
