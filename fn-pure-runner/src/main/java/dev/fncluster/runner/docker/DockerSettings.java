package dev.fncluster.runner.docker;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.docker.image.ImageSettings;
import dev.fncluster.runner.docker.namespace.NamespaceSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How containers are made.
 *
 * @param dockerHost the engine; empty for the engine's own default
 * @param labelTag marks the containers of this installation; empty for no mark
 * @param networks networks to choose from; empty for the engine's default
 * @param namespaces how many network namespaces are kept ready, and of what
 * @param runtime the engine's runtime for functions; empty for its default
 * @param syslogCertificates a file on the engine's machine with the certificates that vouch for
 *     syslog servers; empty for what that machine trusts
 * @param images how images are treated
 * @param readOnlyRoot whether the root filesystem is read-only
 * @param unprivileged whether functions run as a user without rights
 * @param maxFileSystemMib size of the root filesystem; 0 for no limit
 * @param maxPids processes and threads of one container; 0 for no limit
 * @param maxOpenFiles ulimit nofile
 * @param maxLockedMemory ulimit memlock in bytes
 * @param maxPendingSignals ulimit sigpending
 * @param maxMessageQueue ulimit msgqueue in bytes
 * @param statsInterval between samples of what containers use; negative for never
 * @param maxTmpfsInodes inodes of a {@code /tmp} with a size; 0 for no limit
 */
public record DockerSettings(
    Optional<String> dockerHost,
    String labelTag,
    List<String> networks,
    NamespaceSettings namespaces,
    Optional<String> runtime,
    Optional<String> syslogCertificates,
    ImageSettings images,
    boolean readOnlyRoot,
    boolean unprivileged,
    long maxFileSystemMib,
    long maxPids,
    long maxOpenFiles,
    long maxLockedMemory,
    long maxPendingSignals,
    long maxMessageQueue,
    Duration statsInterval,
    long maxTmpfsInodes) {
  static final Setting<Optional<String>> DOCKER_HOST =
      Setting.optionalText(
          "DOCKER_HOST",
          "The address of the Docker engine, such as unix:///var/run/docker.sock; what the Docker"
              + " client's own configuration says when not set. DOCKER_TLS_VERIFY and DOCKER_CERT_PATH"
              + " hold as for that client, from the environment only; the version of the engine's API"
              + " is negotiated.");
  static final Setting<String> FN_CONTAINER_LABEL_TAG =
      Setting.text(
          "FN_CONTAINER_LABEL_TAG",
          "",
          "Marks containers, so that those which a crashed runner left behind are removed.");
  static final Setting<List<String>> FN_DOCKER_NETWORKS =
      Setting.list(
          "FN_DOCKER_NETWORKS",
          "\\s+",
          "Docker networks over which function containers are spread; the engine's default when"
              + " not set.");
  static final Setting<Optional<String>> FN_DOCKER_RUNTIME =
      Setting.optionalText(
          "FN_DOCKER_RUNTIME",
          "The engine's runtime for functions, such as runsc or kata; its default when not set.");
  static final Setting<Optional<String>> FN_SYSLOG_TLS_CA_CERT =
      Setting.optionalText(
          "FN_SYSLOG_TLS_CA_CERT",
          "A PEM file on the engine's machine with the certificates that vouch for tcp+tls syslog"
              + " servers of apps; what that machine trusts when not set.");
  static final Setting<Boolean> FN_DISABLE_READONLY_ROOTFS =
      Setting.bool("FN_DISABLE_READONLY_ROOTFS", false, "Make root filesystems writable.");
  static final Setting<Boolean> FN_DISABLE_UNPRIVILEGED_CONTAINERS =
      Setting.bool(
          "FN_DISABLE_UNPRIVILEGED_CONTAINERS",
          false,
          "Run functions as their image says, with the engine's default capabilities.");
  static final Setting<Long> FN_MAX_FS_SIZE_MB =
      Setting.number(
              "FN_MAX_FS_SIZE_MB", 0, 0, "MiB of a container's root filesystem; 0: no limit.")
          .emptyIsDefault();
  static final Setting<Long> FN_MAX_PIDS =
      Setting.number("FN_MAX_PIDS", 50, 0, "Processes and threads of a container; 0: no limit.")
          .emptyIsDefault();
  static final Setting<Long> FN_MAX_OPEN_FILES =
      Setting.number("FN_MAX_OPEN_FILES", 350, 0, "Open files of a process of a function.");
  static final Setting<Long> FN_MAX_LOCKED_MEMORY =
      Setting.number("FN_MAX_LOCKED_MEMORY", 65536, 0, "Locked bytes of memory of a function.");
  static final Setting<Long> FN_MAX_PENDING_SIGNALS =
      Setting.number("FN_MAX_PENDING_SIGNALS", 5000, 0, "Pending signals of a function.");
  static final Setting<Long> FN_MAX_MESSAGE_QUEUE =
      Setting.number("FN_MAX_MESSAGE_QUEUE", 819200, 0, "Bytes in message queues of a function.");
  static final Setting<Duration> FN_DOCKER_STATS_MSECS =
      Setting.millis(
          "FN_DOCKER_STATS_MSECS",
          Duration.ofSeconds(1),
          "How often it is sampled what each container uses; one that is frozen is sampled once"
              + " more, and again after its next use. 0 or negative: never.");
  static final Setting<Long> FN_MAX_TMPFS_INODES =
      Setting.number("FN_MAX_TMPFS_INODES", 0, 0, "Files in a sized /tmp; 0: no limit.")
          .emptyIsDefault();

  /** How many network namespaces are kept ready. */
  int namespacePoolSize() {
    return namespaces.sizeFor(!labelTag.isEmpty(), runtime.isEmpty());
  }

  /** Over which networks these are spread; empty for the engine's default. */
  List<String> namespaceNetworks() {
    return namespaces.networks().isEmpty() ? networks : namespaces.networks();
  }

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    List<Setting<?>> all = new ArrayList<>(ImageSettings.all());
    all.addAll(NamespaceSettings.all());
    all.addAll(own());
    return List.copyOf(all);
  }

  private static List<Setting<?>> own() {
    return List.of(
        DOCKER_HOST,
        FN_CONTAINER_LABEL_TAG,
        FN_DOCKER_NETWORKS,
        FN_DOCKER_RUNTIME,
        FN_SYSLOG_TLS_CA_CERT,
        FN_DISABLE_READONLY_ROOTFS,
        FN_DISABLE_UNPRIVILEGED_CONTAINERS,
        FN_MAX_FS_SIZE_MB,
        FN_MAX_PIDS,
        FN_MAX_OPEN_FILES,
        FN_MAX_LOCKED_MEMORY,
        FN_MAX_PENDING_SIGNALS,
        FN_MAX_MESSAGE_QUEUE,
        FN_DOCKER_STATS_MSECS,
        FN_MAX_TMPFS_INODES);
  }

  /** Reads the settings. */
  public static DockerSettings from(Settings s) {
    return new DockerSettings(
        s.get(DOCKER_HOST),
        s.get(FN_CONTAINER_LABEL_TAG),
        s.get(FN_DOCKER_NETWORKS),
        NamespaceSettings.from(s),
        s.get(FN_DOCKER_RUNTIME),
        s.get(FN_SYSLOG_TLS_CA_CERT),
        ImageSettings.from(s),
        !s.get(FN_DISABLE_READONLY_ROOTFS),
        !s.get(FN_DISABLE_UNPRIVILEGED_CONTAINERS),
        s.get(FN_MAX_FS_SIZE_MB),
        s.get(FN_MAX_PIDS),
        s.get(FN_MAX_OPEN_FILES),
        s.get(FN_MAX_LOCKED_MEMORY),
        s.get(FN_MAX_PENDING_SIGNALS),
        s.get(FN_MAX_MESSAGE_QUEUE),
        s.get(FN_DOCKER_STATS_MSECS),
        s.get(FN_MAX_TMPFS_INODES));
  }
}
