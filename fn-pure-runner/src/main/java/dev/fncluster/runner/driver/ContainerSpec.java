package dev.fncluster.runner.driver;

import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.SlotHash;
import java.util.Map;
import org.apiguardian.api.API;

/**
 * What a driver is asked to make.
 *
 * @param id the name of the container
 * @param image as the fn names it
 * @param environment of the function's process
 * @param memory MiB; 0 for no limit
 * @param tmpfsSize MiB of {@code /tmp}; 0 for no limit of its own
 * @param milliCpus thousandths of a CPU; 0 for no limit
 * @param syslogUrl where the engine sends the output; empty for nowhere
 * @param socketDirectory what is mounted at {@code /tmp/iofs}, as the engine sees it
 * @param networkDisabled whether it has no network but the loopback
 * @param extensions those of the call that caused the launch
 */
@API(status = API.Status.STABLE, since = "0.1")
public record ContainerSpec(
    String id,
    String appId,
    String fnId,
    String image,
    Map<String, String> environment,
    long memory,
    long tmpfsSize,
    int milliCpus,
    String syslogUrl,
    String socketDirectory,
    boolean networkDisabled,
    Map<String, String> extensions) {
  /** Copies the maps. */
  public ContainerSpec {
    environment = Map.copyOf(environment);
    extensions = Map.copyOf(extensions);
  }

  /** The container in which {@code call} can be executed. */
  public static ContainerSpec of(
      Call call, String id, String socketDirectory, Map<String, String> extensions) {
    return new ContainerSpec(
        id,
        call.appId(),
        call.fnId(),
        call.image(),
        call.configWith(SlotHash.CONTAINER_CONFIG),
        call.memory(),
        call.tmpfsSize(),
        call.cpus(),
        call.syslogUrl(),
        socketDirectory,
        call.networkDisabled(),
        extensions);
  }
}
