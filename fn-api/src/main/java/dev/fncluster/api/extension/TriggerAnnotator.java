package dev.fncluster.api.extension;

import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.model.Trigger;
import org.apiguardian.api.API;

/**
 * Completes triggers in answers of the management API, in the place of the annotation that tells
 * where a trigger is called. What it adds is not stored. Thread-safe; called on virtual threads,
 * within the limit for extensions.
 */
@FunctionalInterface
@API(status = API.Status.STABLE, since = "0.1")
public interface TriggerAnnotator {
  /**
   * The trigger as {@code request} is to be answered with it; not null.
   *
   * @param appName the name of its app
   */
  Trigger annotate(HttpRequestHead request, String appName, Trigger trigger) throws Exception;
}
