package dev.fncluster.runnerpool;

import org.apiguardian.api.API;

/**
 * Makes a pool; for jars. Named in {@code FN_RUNNER_POOL}, registered as a service, marked with
 * {@link dev.fncluster.api.extension.Plugin}, with a public constructor without parameters.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface RunnerPoolFactory {
  /**
   * Makes it, once in the life of a load balancer, which shuts it down when it stops.
   *
   * @throws Exception to keep the load balancer from starting
   */
  RunnerPool create(RunnerPoolContext context) throws Exception;
}
