package dev.fncluster.api.extension;

import org.apiguardian.api.API;

/**
 * Gives every request its id: what runners are told, and what stands in the header that {@code
 * FN_RID_HEADER} names when the function gets it. Called on event loops; must not block.
 * Thread-safe.
 */
@FunctionalInterface
@API(status = API.Status.STABLE, since = "0.1")
public interface RequestIdProvider {
  /**
   * The id of a request.
   *
   * @param given what the client sent in that header; empty for nothing
   * @return not null; empty for the id of the call
   */
  String id(String given);
}
