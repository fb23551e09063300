package dev.fncluster.api.extension;

import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.http.HttpResponse;
import java.util.Optional;
import org.apiguardian.api.API;

/**
 * Lets requests pass or answers them, by their heads: middleware that may block. Called on virtual
 * threads, within the limit for extensions. Thread-safe.
 */
@FunctionalInterface
@API(status = API.Status.STABLE, since = "0.1")
public interface HttpFilter {
  /**
   * The answer to {@code request}, which nobody else sees then; empty to let it pass.
   *
   * @throws Exception answered with the code and text of a {@link
   *     dev.fncluster.api.error.FnException}, else 500
   */
  Optional<HttpResponse> answer(HttpRequestHead request) throws Exception;
}
