package dev.fncluster.api.node;

import dev.fncluster.api.settings.SettingException;
import java.io.IOException;

/** How failures of a start are told. */
final class Failures {
  private Failures() {}

  /** Whether an operator can mend it, so that a stack trace would only be in the way. */
  static boolean isExpected(Throwable failure) {
    return failure instanceof SettingException
        || failure instanceof NodeStartException
        || failure instanceof IOException;
  }

  /** One line for an operator. */
  static String line(Throwable failure) {
    String message = failure.getMessage();
    String text =
        message != null
                && (failure instanceof SettingException || failure instanceof NodeStartException)
            ? message
            : "can't start: " + failure;
    return text.replaceAll("\\s*[\\r\\n]+\\s*", " ");
  }
}
