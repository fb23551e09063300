package dev.fncluster.api.extension;

import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.model.Fn;
import org.apiguardian.api.API;

/**
 * Completes fns in answers of the management API, in the place of the annotation that tells where a
 * fn is called. What it adds is not stored. Thread-safe; called on virtual threads, within the
 * limit for extensions.
 */
@FunctionalInterface
@API(status = API.Status.STABLE, since = "0.1")
public interface FnAnnotator {
  /** The fn as {@code request} is to be answered with it; not null. */
  Fn annotate(HttpRequestHead request, Fn fn) throws Exception;
}
