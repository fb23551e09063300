package dev.fncluster.runner.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Ulimit;
import com.github.dockerjava.core.command.CreateContainerCmdImpl;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.driver.ContainerSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DockerPartsTest {
  private static final long MEBIBYTE = 1024 * 1024;

  private static ContainerSpec spec(long memory, long tmpfs, int cpus, String syslog) {
    return new ContainerSpec(
        "ID",
        "app",
        "fn",
        "image",
        Map.of("A", "1"),
        memory,
        tmpfs,
        cpus,
        syslog,
        "/iofs",
        false,
        Map.of());
  }

  private static CreateContainerCmd command(
      Map<String, String> settings, ContainerSpec spec, @Nullable String network) {
    CreateContainerCmd command = new CreateContainerCmdImpl(unused -> null, null, spec.image());
    ContainerOptions options =
        new ContainerOptions(DockerSettings.from(Settings.of(settings)), "host", "instance");
    options.apply(command, spec, network);
    options.identify(command, spec);
    return command;
  }

  private static HostConfig host(CreateContainerCmd command) {
    return Objects.requireNonNull(command.getHostConfig());
  }

  @Test
  void confinesFunctionsByDefault() {
    CreateContainerCmd command = command(Map.of(), spec(64, 0, 250, ""), null);
    HostConfig host = host(command);
    assertThat(command.getName()).isEqualTo("ID");
    assertThat(command.getUser()).isEqualTo("1000:1000");
    assertThat(command.getHostName()).isEqualTo("host");
    assertThat(command.getEnv()).containsExactly("A=1");
    assertThat(command.isAttachStdout()).isFalse();
    assertThat(command.isStdinOpen()).isFalse();
    assertThat(command.getLabels()).isNullOrEmpty();
    assertThat(host.getCapDrop()).containsExactly(Capability.ALL);
    assertThat(host.getSecurityOpts()).containsExactly("no-new-privileges");
    assertThat(host.getReadonlyRootfs()).isTrue();
    assertThat(host.getInit()).isTrue();
    assertThat(host.getMemory()).isEqualTo(64 * MEBIBYTE);
    assertThat(host.getMemorySwap()).isEqualTo(64 * MEBIBYTE);
    assertThat(host.getMemorySwappiness()).isZero();
    assertThat(host.getCpuQuota()).isEqualTo(25_000);
    assertThat(host.getCpuPeriod()).isEqualTo(100_000);
    assertThat(host.getPidsLimit()).isEqualTo(50);
    assertThat(host.getTmpFs()).containsExactly(Map.entry("/tmp", ""));
    assertThat(host.getUlimits())
        .containsExactly(
            new Ulimit("nofile", 350L, 350L),
            new Ulimit("memlock", 65536L, 65536L),
            new Ulimit("sigpending", 5000L, 5000L),
            new Ulimit("msgqueue", 819200L, 819200L));
    assertThat(host.getBinds()).hasSize(1);
    assertThat(host.getBinds()[0]).hasToString("/iofs:/tmp/iofs:rw");
    assertThat(Objects.requireNonNull(host.getLogConfig()).getType())
        .isEqualTo(LogConfig.LoggingType.NONE);
    assertThat(host.getNetworkMode()).isNull();
  }

  @Test
  void doesWhatSettingsSay() {
    Map<String, String> settings =
        Map.of(
            "FN_DISABLE_READONLY_ROOTFS", "true",
            "FN_DISABLE_UNPRIVILEGED_CONTAINERS", "true",
            "FN_MAX_PIDS", "0",
            "FN_MAX_FS_SIZE_MB", "100",
            "FN_MAX_TMPFS_INODES", "1025",
            "FN_CONTAINER_LABEL_TAG", "tag",
            "FN_SYSLOG_TLS_CA_CERT", "/ca.pem",
            "FN_DOCKER_RUNTIME", "runsc");
    CreateContainerCmd command = command(settings, spec(0, 7, 0, " tcp://h:1 "), "net");
    HostConfig host = host(command);
    assertThat(command.getUser()).isNull();
    assertThat(command.getHostName()).isNull();
    assertThat(command.getLabels())
        .isEqualTo(Map.of("fn-agent-classifier", "tag", "fn-agent-instance", "instance"));
    assertThat(host.getCapDrop()).isNull();
    assertThat(host.getReadonlyRootfs()).isFalse();
    assertThat(host.getMemory()).isNull();
    assertThat(host.getCpuQuota()).isNull();
    assertThat(host.getPidsLimit()).isNull();
    assertThat(host.getStorageOpt()).isEqualTo(Map.of("size", "100M"));
    assertThat(host.getTmpFs()).isEqualTo(Map.of("/tmp", "size=7m,nr_inodes=1025"));
    assertThat(host.getNetworkMode()).isEqualTo("net");
    assertThat(host.getRuntime()).isEqualTo("runsc");
    LogConfig log = Objects.requireNonNull(host.getLogConfig());
    assertThat(log.getType()).isEqualTo(LogConfig.LoggingType.SYSLOG);
    assertThat(log.getConfig())
        .isEqualTo(
            Map.of(
                "syslog-address", "tcp://h:1",
                "syslog-facility", "user",
                "syslog-format", "rfc5424",
                "tag", "app_id=app,fn_id=fn",
                "mode", "non-blocking",
                "max-buffer-size", "1m"));
    HostConfig encrypted = host(command(settings, spec(0, 7, 0, "tcp+tls://h:1"), "net"));
    assertThat(Objects.requireNonNull(encrypted.getLogConfig()).getConfig())
        .containsEntry("syslog-tls-ca-cert", "/ca.pem");
  }

  @ParameterizedTest
  @CsvSource({
    "tcp://h:1, failed to initialize logging driver: dial tcp: connection refused, true",
    "unix:///s.sock, stat /s.sock: no such file or directory, true",
    "unixgram:///s.sock, stat /s.sock: no such file or directory, true",
    "udp://h:1, unknown log opt 'x' for syslog log driver, true",
    "tcp://h:1, stat /s.sock: no such file or directory, false",
    "'', failed to initialize logging driver: whatever, false",
  })
  void tellsFailuresOfSyslogsFromOthers(String url, String message, boolean isOne) {
    assertThat(SyslogFailures.isOne(new DockerException(message, 500), spec(0, 0, 0, url)))
        .isEqualTo(isOne);
  }

  @Test
  void spreadsContainersOverNetworks() {
    DockerNetworks networks = new DockerNetworks(List.of("a", "b"));
    assertThat(networks.take().mode()).isEqualTo("a");
    NetworkUse second = networks.take();
    assertThat(second.mode()).isEqualTo("b");
    second.close();
    second.close();
    assertThat(networks.take().mode()).isEqualTo("b");
    assertThat(networks.take().mode()).isEqualTo("a");
    assertThat(new DockerNetworks(List.of()).take().mode()).isNull();
  }
}
