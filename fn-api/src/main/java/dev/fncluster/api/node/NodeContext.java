package dev.fncluster.api.node;

import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.trace.Tracing;
import dev.fncluster.stats.Metrics;
import org.apiguardian.api.API;

/**
 * What a process gives its node.
 *
 * @param settings as the operator gave them
 * @param build what this program is
 * @param metrics of the whole process; the process closes them
 * @param tracing of calls; the process closes it
 */
@API(status = API.Status.MAINTAINED, since = "0.1")
public record NodeContext(Settings settings, BuildInfo build, Metrics metrics, Tracing tracing) {
  /** A context in which calls are not traced. */
  public NodeContext(Settings settings, BuildInfo build, Metrics metrics) {
    this(settings, build, metrics, Tracing.off());
  }
}
