package dev.fncluster.runner.engage;

/**
 * What calls a runner takes.
 *
 * @param detachedCalls whether calls are taken whose callers don't wait
 * @param statusImage an image that only the runner itself may run; empty for none
 */
public record SessionRules(boolean detachedCalls, String statusImage) {
  boolean isReserved(String image) {
    return !statusImage.isEmpty() && statusImage.equals(image);
  }
}
