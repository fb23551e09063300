package dev.fncluster.api.node;

import java.time.Duration;
import org.apiguardian.api.API;

/** One node of a cluster. Its methods are called one after the other, never at once. */
@API(status = API.Status.MAINTAINED, since = "0.1")
public interface Node {
  /** What it is, for messages: such as {@code fn-lb}. */
  String name();

  /**
   * Starts it; returns when it is ready. Called once.
   *
   * @throws NodeStartException when what it needs is missing; the message says what and what to do
   * @throws Exception any other failure
   */
  void start() throws Exception;

  /**
   * Takes no more calls, lets those in flight finish, and gives back everything it holds,
   * containers too. Called once, also when {@link #start} has failed.
   *
   * @param grace how long calls in flight may still take; what runs longer is broken off
   */
  void stop(Duration grace);
}
