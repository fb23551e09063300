package dev.fncluster.api.node;

/** How the output of functions is told from the node's own lines in its log. */
public final class FunctionOutput {
  /**
   * The logger of what functions write. Who logs here may have to wait until the log has room: the
   * node's own lines come first.
   */
  public static final String LOGGER = "user_log";

  private FunctionOutput() {}
}
