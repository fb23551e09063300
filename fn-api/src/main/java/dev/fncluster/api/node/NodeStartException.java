package dev.fncluster.api.node;

import org.apiguardian.api.API;

/**
 * A node can't start, for a reason that its operator can mend. The message is one line that says
 * what is wrong and what to do.
 */
@API(status = API.Status.MAINTAINED, since = "0.1")
public final class NodeStartException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Fails with a line for the operator. */
  public NodeStartException(String message) {
    super(message);
  }

  /** Fails with a line for the operator. */
  public NodeStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
