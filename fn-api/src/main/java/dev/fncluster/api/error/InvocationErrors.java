package dev.fncluster.api.error;

import org.jspecify.annotations.Nullable;

/**
 * The errors of the invocation path, with the codes and texts that clients of the Fn Project know.
 *
 * <p>Each call makes a new exception without a stack trace, except where a cause is passed: these
 * are answers, not accidents.
 */
public final class InvocationErrors {
  /** The text of {@link #serverBusy()}; runners of other make are recognised by it. */
  public static final String SERVER_BUSY_TEXT = "Timed out - server too busy";

  private static final String CLIENT_CANCELLED_TEXT = "Client cancelled context";
  private static final String CALL_TIMEOUT_TEXT = "Timed out";
  private static final String CLOSED_PIPE = "function closed pipe while receiving request";
  private static final String STORE_UNAVAILABLE_TEXT = "Database unavailable - try again later";

  private InvocationErrors() {}

  /** No capacity now: not executed, worth another try. */
  public static ServiceException serverBusy() {
    return plain(503, SERVER_BUSY_TEXT);
  }

  /** Whether {@code error} is {@link #serverBusy()}, whoever made it. */
  public static boolean isServerBusy(@Nullable Throwable error) {
    return error instanceof ServiceException e
        && e.code() == 503
        && SERVER_BUSY_TEXT.equals(e.getMessage());
  }

  /**
   * Apps, fns and triggers can't be looked up or changed now, for their database does not answer or
   * others lock what is needed. A change may have been done all the same.
   */
  public static ServiceException storeUnavailable() {
    return plain(503, STORE_UNAVAILABLE_TEXT);
  }

  /** Whether {@code error} is {@link #storeUnavailable()}. */
  public static boolean isStoreUnavailable(@Nullable Throwable error) {
    return error instanceof ServiceException e
        && e.code() == 503
        && STORE_UNAVAILABLE_TEXT.equals(e.getMessage());
  }

  /** The path of the request has a broken percent-encoding, no UTF-8, or U+0000 in it. */
  public static ServiceException pathMalformed() {
    return plain(400, "Path malformed");
  }

  /** The client went away. Nobody reads this; the code stands in metrics and logs. */
  public static ServiceException clientCancelled() {
    return plain(444, CLIENT_CANCELLED_TEXT);
  }

  /** Whether {@code error} is {@link #clientCancelled()}. */
  public static boolean isClientCancelled(@Nullable Throwable error) {
    return error instanceof ServiceException e
        && e.code() == 444
        && CLIENT_CANCELLED_TEXT.equals(e.getMessage());
  }

  /** The fn asks for more memory or CPU than the node has in all. */
  public static ServiceException callResourceTooBig() {
    return plain(400, "Requested CPU/Memory cannot be allocated");
  }

  /** An ordinary call named the reserved status image. */
  public static ServiceException invalidImage() {
    return plain(400, "Invalid Fn image");
  }

  /** The image declares a volume and volumes are off. */
  public static ServiceException imageHasVolume() {
    return plain(400, "image has Volume definition");
  }

  /** This runner takes no detached calls. */
  public static ServiceException detachUnsupported() {
    return plain(501, "Detach call functions are not supported on this server");
  }

  /** A detached call ran over all its time limits together. */
  public static ServiceException serviceReservationFailure() {
    return plain(500, "Unable to service the request for the reservation period");
  }

  /** The body is longer than the server takes, known from its announced length. */
  public static ServiceException bodyTooLarge(long length, long max) {
    return plain(413, "Content-Length too large for this server, " + length + " > max " + max);
  }

  /** The body turned out longer than the server takes while it was read. */
  public static ServiceException bodyTooLarge(long max) {
    return plain(413, "Request body too large for this server, max " + max);
  }

  /** Anything that has no text of its own; {@code cause} is only logged. */
  public static ServiceException internal(@Nullable Throwable cause) {
    return new ServiceException(500, "internal server error", cause);
  }

  /** No route has this path. */
  public static ServiceException pathNotFound(String method, String path) {
    return plain(404, "Path not found: " + method + " " + path);
  }

  /** A route has this path, but not for this method. */
  public static ServiceException methodNotAllowed(String method, String path) {
    return plain(405, "Method not allowed: " + method + " " + path);
  }

  /** The function ran past its timeout, or said so. */
  public static FunctionException callTimeout() {
    return new FunctionException(504, CALL_TIMEOUT_TEXT);
  }

  /** Whether the failure is {@link #callTimeout()}, also when it comes from a runner. */
  public static boolean isCallTimeout(@Nullable Throwable failure) {
    return failure instanceof FunctionException known
        && known.code() == 504
        && CALL_TIMEOUT_TEXT.equals(known.publicMessage());
  }

  /** The function answered that it failed. */
  public static FunctionException functionFailed() {
    return new FunctionException(502, "function failed");
  }

  /** The function answered something the contract does not allow. */
  public static FunctionException functionInvalidResponse() {
    return new FunctionException(502, "invalid function response");
  }

  /** The connection to the function broke. */
  public static FunctionException functionResponse(@Nullable Throwable cause) {
    return new FunctionException(502, "error receiving function response", cause);
  }

  /** The function's body is over the limit. */
  public static FunctionException functionResponseTooBig() {
    return new FunctionException(502, "function response body too large");
  }

  /** The function's headers are over the limit. */
  public static FunctionException functionResponseHeaderTooBig() {
    return new FunctionException(502, "function response header too large");
  }

  /** The function answered before it had been given the whole body. */
  public static FunctionException functionPrematureWrite() {
    return new FunctionException(502, "function invoked write before receiving entire request");
  }

  /** The function closed its end while its body was on the way. */
  public static FunctionException functionClosedPipe() {
    return new FunctionException(502, CLOSED_PIPE);
  }

  /** Whether {@code failure} is one of {@link #functionClosedPipe}. */
  public static boolean isFunctionClosedPipe(@Nullable Throwable failure) {
    return failure instanceof FunctionException known && known.publicMessage().equals(CLOSED_PIPE);
  }

  /** The container ended, or made a wrong socket, before it served. */
  public static FunctionException containerInitFail() {
    return new FunctionException(
        502,
        "Container failed to initialize, please ensure you are using the latest fdk and check the"
            + " logs");
  }

  /** The container did not listen in time. */
  public static FunctionException containerInitTimeout() {
    return new FunctionException(
        504,
        "Container initialization timed out, please ensure you are using the latest fdk and check"
            + " the logs");
  }

  /** The image could not be pulled in time. */
  public static FunctionException imagePullTimeout() {
    return new FunctionException(504, "Image pull timed out");
  }

  /**
   * The image could not be pulled.
   *
   * @param dockerStatus the engine's HTTP status; 4xx is passed on, all else becomes 502
   */
  public static FunctionException imagePullFailed(int dockerStatus, String image, String text) {
    int code = dockerStatus >= 400 && dockerStatus < 500 ? dockerStatus : 502;
    return new FunctionException(code, "Failed to pull image '" + image + "': " + text);
  }

  /** The engine could not reach the app's syslog. */
  public static FunctionException syslogUnavailable() {
    return new FunctionException(500, "Syslog Unavailable");
  }

  private static ServiceException plain(int code, String message) {
    return new ServiceException(code, message, false);
  }
}
