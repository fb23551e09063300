package dev.fncluster.runner.docker;

import com.github.dockerjava.api.exception.DockerException;
import dev.fncluster.runner.driver.ContainerSpec;
import java.util.Locale;

/**
 * Tells whether the engine refused a container because of the syslog of its app: a server that does
 * not answer when the container starts, or a socket that is not there when it is created.
 */
final class SyslogFailures {
  private SyslogFailures() {}

  static boolean isOne(DockerException failure, ContainerSpec spec) {
    String url = spec.syslogUrl().strip();
    if (url.isEmpty()) {
      return false;
    }
    String text = String.valueOf(failure.getMessage());
    int path = url.indexOf("://") + "://".length();
    return text.contains("failed to initialize logging driver")
        || text.toLowerCase(Locale.ROOT).contains("syslog")
        || url.startsWith("unix") && text.contains(url.substring(path));
  }
}
