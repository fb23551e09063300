package dev.fncluster.api.http;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;

/** The answers that failures become. */
final class ErrorResponses {
  private static final String RETRY_AFTER_SECONDS = "15";

  private ErrorResponses() {}

  /** The failure as callers may see it: what is not meant for them becomes a plain 500. */
  static FnException visible(Throwable failure) {
    return failure instanceof FnException known ? known : InvocationErrors.internal(failure);
  }

  /**
   * The answer to {@code failure}. Whatever is unavailable for reasons that are not the function's
   * own is worth another try a little later.
   */
  static HttpResponse of(FnException failure) {
    StringBuilder json = new StringBuilder(64).append("{\"message\":");
    JsonText.appendString(json, failure.publicMessage());
    HttpResponse response = HttpResponse.json(failure.code(), json.append("}\n").toString());
    if (failure instanceof ServiceException && failure.code() == 503) {
      response.headers().add("Retry-After", RETRY_AFTER_SECONDS);
    }
    return response;
  }
}
