package dev.fncluster.api.invoke;

import dev.fncluster.api.access.AsyncDataAccess;
import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.http.HttpHandler;
import dev.fncluster.api.http.Routes;
import dev.fncluster.api.model.IdGenerator;
import java.time.InstantSource;
import java.util.List;

/**
 * The routes through which functions are called.
 *
 * <p>What is asked of the agent beyond the contract of {@link CallAgent}: a <b>detached</b> call
 * (its model says so) is complete as soon as its start is acknowledged: the head of its answer,
 * usually status 202, is written without a body, and its request body, which comes from the
 * client's connection, was read to its end. The agent carries it on by itself; the invocation's
 * context has no parent, so that a client which goes away does not end it.
 *
 * <p>Thread-safe.
 */
public final class InvokeRoutes {
  private static final List<String> METHODS =
      List.of("GET", "POST", "PUT", "PATCH", "HEAD", "OPTIONS", "DELETE", "CONNECT", "TRACE");

  private final HttpHandler invoke;
  private final HttpHandler trigger;

  private InvokeRoutes(HttpHandler invoke, HttpHandler trigger) {
    this.invoke = invoke;
    this.trigger = trigger;
  }

  /**
   * Routes whose calls {@code agent} executes.
   *
   * @param ids where the ids of calls come from
   * @param clock where their times come from
   */
  public static InvokeRoutes create(
      AsyncDataAccess data, CallAgent agent, IdGenerator ids, InstantSource clock) {
    CallFactory calls = new CallFactory(ids, clock);
    return new InvokeRoutes(
        new InvokeHandler(data, agent, calls), new TriggerHandler(data, agent, calls));
  }

  /** Adds {@code /invoke}. */
  public InvokeRoutes addInvoke(Routes routes) {
    routes.add("POST", "/invoke/{fn_id}", invoke);
    return this;
  }

  /** Adds {@code /t}, for all methods of HTTP. */
  public InvokeRoutes addTriggers(Routes routes) {
    for (String method : METHODS) {
      routes.add(method, "/t/{app_name}", trigger);
      routes.add(method, "/t/{app_name}/*source", trigger);
    }
    return this;
  }
}
