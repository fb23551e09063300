package dev.fncluster.api.model;

import org.apiguardian.api.API;

/**
 * What the launch of a container cost the call that caused it, in nanoseconds; all zero when the
 * call met a hot container. Written by the launch before the call is told of its outcome.
 */
@API(status = API.Status.STABLE, since = "0.1")
public final class CallTimings {
  private volatile long imagePullWaitNanos;
  private volatile long containerPrepNanos;
  private volatile long containerCreateNanos;
  private volatile long initNanos;

  /** Waiting for the image to be pulled. */
  public long imagePullWaitNanos() {
    return imagePullWaitNanos;
  }

  /** Checking the image and preparing the container's directory, network and options. */
  public long containerPrepNanos() {
    return containerPrepNanos;
  }

  /** Creating, attaching and starting the container. */
  public long containerCreateNanos() {
    return containerCreateNanos;
  }

  /** From the start of the container until its socket was ready. */
  public long initNanos() {
    return initNanos;
  }

  /** Sets {@link #imagePullWaitNanos()}. */
  public void imagePullWaitNanos(long value) {
    imagePullWaitNanos = value;
  }

  /** Sets {@link #containerPrepNanos()}. */
  public void containerPrepNanos(long value) {
    containerPrepNanos = value;
  }

  /** Sets {@link #containerCreateNanos()}. */
  public void containerCreateNanos(long value) {
    containerCreateNanos = value;
  }

  /** Sets {@link #initNanos()}. */
  public void initNanos(long value) {
    initNanos = value;
  }

  void copyFrom(CallTimings other) {
    imagePullWaitNanos = other.imagePullWaitNanos;
    containerPrepNanos = other.containerPrepNanos;
    containerCreateNanos = other.containerCreateNanos;
    initNanos = other.initNanos;
  }
}
