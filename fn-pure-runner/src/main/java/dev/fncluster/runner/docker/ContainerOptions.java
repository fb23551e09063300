package dev.fncluster.runner.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Ulimit;
import com.github.dockerjava.api.model.Volume;
import dev.fncluster.runner.driver.ContainerSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns what a function needs, and what it must not do, into the engine's options. Stateless. */
final class ContainerOptions {
  /** The label with the tag of the installation. */
  static final String TAG_LABEL = "fn-agent-classifier";

  /** The label with the id of the runner process. */
  static final String INSTANCE_LABEL = "fn-agent-instance";

  private static final long MEBIBYTE = 1024 * 1024;
  private static final long CPU_PERIOD = 100_000;

  private final DockerSettings settings;
  private final String hostname;
  private final String instanceId;

  /**
   * Options for the containers of one runner.
   *
   * @param hostname what functions see as the name of their machine
   * @param instanceId differs from every other runner process
   */
  ContainerOptions(DockerSettings settings, String hostname, String instanceId) {
    this.settings = settings;
    this.hostname = hostname;
    this.instanceId = instanceId;
  }

  /**
   * Fills in {@code command}, but for what {@link #identify} does.
   *
   * @param network what the container joins; null for the engine's default
   */
  void apply(CreateContainerCmd command, ContainerSpec spec, @Nullable String network) {
    command
        .withStdinOpen(false)
        .withStdInOnce(false)
        .withAttachStdin(false)
        .withAttachStdout(false)
        .withAttachStderr(false)
        .withEnv(environment(spec))
        .withHostConfig(host(spec, network));
    if (network == null) {
      command.withHostName(hostname);
    }
    if (settings.unprivileged()) {
      command.withUser("1000:1000");
    }
  }

  /** Fills in by what its runner finds a container again; labels that it has already are kept. */
  void identify(CreateContainerCmd command, ContainerSpec spec) {
    command.withName(spec.id());
    if (!labels().isEmpty()) {
      Map<String, String> all = new HashMap<>();
      if (command.getLabels() != null) {
        all.putAll(command.getLabels());
      }
      all.putAll(labels());
      command.withLabels(all);
    }
  }

  /** What marks the containers of this runner; empty when nothing is to. */
  Map<String, String> labels() {
    return settings.labelTag().isEmpty()
        ? Map.of()
        : Map.of(TAG_LABEL, settings.labelTag(), INSTANCE_LABEL, instanceId);
  }

  private HostConfig host(ContainerSpec spec, @Nullable String network) {
    HostConfig host =
        new HostConfig()
            .withInit(true)
            .withReadonlyRootfs(settings.readOnlyRoot())
            .withLogConfig(log(spec))
            .withUlimits(ulimits())
            .withBinds(new Bind(spec.socketDirectory(), new Volume("/tmp/iofs")));
    if (spec.memory() != 0) {
      long bytes = spec.memory() * MEBIBYTE;
      // As much with swap as without: no swap.
      host.withMemory(bytes).withMemorySwap(bytes).withMemorySwappiness(0L);
    }
    if (spec.milliCpus() != 0) {
      host.withCpuQuota(spec.milliCpus() * CPU_PERIOD / 1000).withCpuPeriod(CPU_PERIOD);
    }
    if (settings.maxFileSystemMib() != 0) {
      host.withStorageOpt(Map.of("size", settings.maxFileSystemMib() + "M"));
    }
    if (settings.maxPids() != 0) {
      host.withPidsLimit(settings.maxPids());
    }
    if (spec.tmpfsSize() != 0 || settings.readOnlyRoot()) {
      host.withTmpFs(Map.of("/tmp", tmpfs(spec)));
    }
    if (network != null) {
      host.withNetworkMode(network);
    }
    settings.runtime().ifPresent(host::withRuntime);
    if (settings.unprivileged()) {
      host.withCapDrop(Capability.ALL).withSecurityOpts(List.of("no-new-privileges"));
    }
    return host;
  }

  private String tmpfs(ContainerSpec spec) {
    if (spec.tmpfsSize() == 0) {
      return "";
    }
    String size = "size=" + spec.tmpfsSize() + "m";
    return settings.maxTmpfsInodes() == 0 ? size : size + ",nr_inodes=" + settings.maxTmpfsInodes();
  }

  private LogConfig log(ContainerSpec spec) {
    String address = spec.syslogUrl().strip();
    if (address.isEmpty()) {
      return new LogConfig(LogConfig.LoggingType.NONE);
    }
    Map<String, String> options = new HashMap<>();
    options.put("syslog-address", address);
    options.put("syslog-facility", "user");
    options.put("syslog-format", "rfc5424");
    options.put("tag", "app_id=" + spec.appId() + ",fn_id=" + spec.fnId());
    // A server that is slow or gone costs lines, and not the time of calls.
    options.put("mode", "non-blocking");
    options.put("max-buffer-size", "1m");
    if (address.startsWith("tcp+tls:")) {
      settings.syslogCertificates().ifPresent(file -> options.put("syslog-tls-ca-cert", file));
    }
    return new LogConfig(LogConfig.LoggingType.SYSLOG, options);
  }

  private List<Ulimit> ulimits() {
    List<Ulimit> limits = new ArrayList<>();
    limits.add(limit("nofile", settings.maxOpenFiles()));
    limits.add(limit("memlock", settings.maxLockedMemory()));
    limits.add(limit("sigpending", settings.maxPendingSignals()));
    limits.add(limit("msgqueue", settings.maxMessageQueue()));
    return limits;
  }

  private static Ulimit limit(String name, long value) {
    return new Ulimit(name, value, value);
  }

  private static List<String> environment(ContainerSpec spec) {
    List<String> out = new ArrayList<>(spec.environment().size());
    spec.environment().forEach((name, value) -> out.add(name + "=" + value));
    return out;
  }
}
