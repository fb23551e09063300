package dev.fncluster.runnerpool.config;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.tls.MutualTlsFiles;
import dev.fncluster.api.tls.MutualTlsSettings;
import dev.fncluster.runnerpool.RunnerAddress;
import dev.fncluster.runnerpool.RunnerPoolFactory;
import dev.fncluster.runnerpool.dns.DnsRules;
import dev.fncluster.runnerpool.grpc.ConnectionRules;
import dev.fncluster.runnerpool.pool.HealthRules;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a load balancer is told of its runners.
 *
 * @param where they are found
 * @param health how they are watched
 * @param connections how connections to them are kept
 * @param drainLimit how long one that was removed may take for its calls
 * @param tls what encrypts the connections to them
 */
public record RunnerPoolSettings(
    Where where,
    HealthRules health,
    ConnectionRules connections,
    Duration drainLimit,
    Optional<MutualTlsFiles> tls) {
  /** The words that choose a pool. */
  public static final List<String> POOLS = List.of("static", "dns", "file");

  /** Which kind of pool it is. */
  public static final Setting<String> POOL =
      Setting.wordOrPlugin(
          "FN_RUNNER_POOL",
          "static",
          POOLS,
          "Where a load balancer finds its runners: static for FN_RUNNER_ADDRESSES, dns for"
              + " FN_RUNNER_DNS_NAME, file for FN_RUNNER_LIST_PATH, or what a plugin says.");

  /** The runners of a static pool. */
  public static final Setting<List<String>> ADDRESSES =
      Setting.list(
              "FN_RUNNER_ADDRESSES",
              ",",
              "The runners of a load balancer, as host:port,host:port. Required there for a static"
                  + " pool.")
          .checked(RunnerPoolSettings::addresses);

  /** The name of the runners of a DNS pool. */
  public static final Setting<Optional<String>> DNS_NAME =
      Setting.optionalText(
          "FN_RUNNER_DNS_NAME",
          "The whole name, without search domains, whose records are the runners; for a DNS pool.");

  /** Which records are asked for. */
  public static final Setting<String> DNS_TYPE =
      Setting.oneOf(
          "FN_RUNNER_DNS_TYPE",
          "address",
          List.of("address", "srv"),
          "address for A records, or AAAA where there is none; srv for SRV records, which have the"
              + " ports too (priorities and weights are not looked at).");

  /** The port of all runners of a DNS pool. */
  public static final Setting<Integer> DNS_PORT =
      Setting.integer(
          "FN_RUNNER_DNS_PORT",
          9190,
          1,
          65_535,
          "The port of runners found by their address records.");

  /** Who is asked. */
  public static final Setting<List<String>> DNS_SERVERS =
      Setting.list(
          "FN_RUNNER_DNS_SERVERS",
          ",",
          "Name servers as address:port,address:port, asked in this order; none for those of the"
              + " system.");

  /** How soon a name is asked for again. */
  public static final Setting<Duration> DNS_MIN_INTERVAL =
      Setting.duration(
          "FN_RUNNER_DNS_MIN_INTERVAL",
          Duration.ofSeconds(2),
          "The shortest time between two questions for the runners' name, also after a failure.");

  /** How late a name is asked for again. */
  public static final Setting<Duration> DNS_MAX_INTERVAL =
      Setting.duration(
          "FN_RUNNER_DNS_MAX_INTERVAL",
          Duration.ofSeconds(30),
          "The longest time between two questions, however long an answer may be kept.");

  /** The list of a file pool. */
  public static final Setting<Optional<String>> LIST_PATH =
      Setting.optionalText(
          "FN_RUNNER_LIST_PATH",
          "A file with one host:port a line, or a JSON array of them; read again when it changes;"
              + " for a file pool.");

  /** See {@link HealthRules#interval()}. */
  public static final Setting<Duration> PROBE_INTERVAL =
      Setting.duration(
          "FN_RUNNER_PROBE_INTERVAL",
          Duration.ofSeconds(10),
          "How often every runner is asked for its status, more or less; 0 for never, and then no"
              + " runner is passed over for its health.");

  /** See {@link HealthRules#timeout()}. */
  public static final Setting<Duration> PROBE_TIMEOUT =
      Setting.duration(
          "FN_RUNNER_PROBE_TIMEOUT",
          Duration.ofSeconds(30),
          "How long a runner may take to tell its status.");

  /** See {@link HealthRules#ejectAfter()}. */
  public static final Setting<Integer> EJECT_AFTER =
      Setting.integer(
          "FN_RUNNER_EJECT_AFTER",
          3,
          1,
          1000,
          "After so many failed questions for its status in a row a runner gets no calls, until it"
              + " says that it is well.");

  /** See {@link ConnectionRules#keepAlive()}. */
  public static final Setting<Duration> KEEPALIVE =
      Setting.duration(
          "FN_RUNNER_KEEPALIVE_INTERVAL",
          ConnectionRules.defaults().keepAlive(),
          "After this time without a sign of life, a load balancer pings a runner on each of its"
              + " connections; at least 10s, or 0 for never. Runners of other make may close"
              + " connections, and with them calls, that are pinged more than once in 5 minutes.");

  /** See {@link ConnectionRules#keepAliveTimeout()}. */
  public static final Setting<Duration> KEEPALIVE_TIMEOUT =
      Setting.duration(
          "FN_RUNNER_KEEPALIVE_TIMEOUT",
          ConnectionRules.defaults().keepAliveTimeout(),
          "How long a runner may take to answer a ping; then its connection is given up with the"
              + " calls on it.");

  /** See {@link #drainLimit()}. */
  public static final Setting<Duration> DRAIN_LIMIT =
      Setting.duration(
          "FN_RUNNER_DRAIN_TIMEOUT",
          Duration.ofMinutes(5),
          "How long a runner that has left the pool may take to finish its calls.");

  /** See {@link #tls()}. */
  public static final MutualTlsSettings TLS =
      MutualTlsSettings.of("FN_RUNNER_TLS", "a load balancer towards its runners");

  /** Where runners are found. */
  public sealed interface Where {}

  /**
   * In the settings themselves.
   *
   * @param addresses at least one, none twice, in the order given
   */
  public record Fixed(List<RunnerAddress> addresses) implements Where {
    /** Copies the list. */
    public Fixed {
      addresses = List.copyOf(addresses);
    }
  }

  /** In DNS. */
  public record Dns(DnsRules rules) implements Where {}

  /** In a file. */
  public record Listed(Path file) implements Where {}

  /** Where the plugin of that name says. */
  public record Plugged(String name) implements Where {}

  /** Where the embedding program says. */
  public record Brought(RunnerPoolFactory factory) implements Where {}

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    List<Setting<?>> all = new ArrayList<>(TLS.all());
    all.add(POOL);
    all.add(ADDRESSES);
    all.addAll(dns());
    all.add(LIST_PATH);
    all.addAll(List.of(KEEPALIVE, KEEPALIVE_TIMEOUT));
    all.addAll(List.of(PROBE_INTERVAL, PROBE_TIMEOUT, EJECT_AFTER, DRAIN_LIMIT));
    return List.copyOf(all);
  }

  private static List<Setting<?>> dns() {
    return List.of(DNS_NAME, DNS_TYPE, DNS_PORT, DNS_SERVERS, DNS_MIN_INTERVAL, DNS_MAX_INTERVAL);
  }

  /**
   * Reads them.
   *
   * @throws SettingException when they are wrong, or don't fit together
   */
  public static RunnerPoolSettings from(Settings settings) {
    String pool = settings.get(POOL);
    Where where =
        switch (pool) {
          case "dns" -> fromDns(settings);
          case "file" -> fromFile(settings);
          case "static" -> fixed(settings);
          default -> new Plugged(pool);
        };
    for (Setting<?> each : all()) {
      String owner = owner(each);
      if (POOLS.contains(pool) && !owner.isEmpty() && !owner.equals(pool) && settings.isSet(each)) {
        throw new SettingException(
            each.name() + " is set, but FN_RUNNER_POOL is " + pool + "; it needs " + owner);
      }
    }
    return from(settings, where);
  }

  /**
   * Reads them for a pool that the embedding program brings: whatever they say of where runners are
   * is not looked at.
   *
   * @throws SettingException when they are wrong
   */
  public static RunnerPoolSettings of(RunnerPoolFactory factory, Settings settings) {
    return from(settings, new Brought(factory));
  }

  private static RunnerPoolSettings from(Settings settings, Where where) {
    return new RunnerPoolSettings(
        where,
        new HealthRules(
            settings.get(PROBE_INTERVAL),
            positive(settings, PROBE_TIMEOUT),
            settings.get(EJECT_AFTER)),
        new ConnectionRules(keepAlive(settings), positive(settings, KEEPALIVE_TIMEOUT)),
        settings.get(DRAIN_LIMIT),
        TLS.from(settings));
  }

  private static String owner(Setting<?> setting) {
    if (setting == LIST_PATH) {
      return "file";
    }
    if (setting == ADDRESSES) {
      return "static";
    }
    return dns().contains(setting) ? "dns" : "";
  }

  private static Fixed fixed(Settings settings) {
    Set<RunnerAddress> addresses = addresses(settings.get(ADDRESSES));
    if (addresses.isEmpty()) {
      // To the letter, with its two blanks: scripts look for it.
      throw new SettingException(
          "must provide FN_RUNNER_ADDRESSES  when running in default load-balanced mode");
    }
    return new Fixed(List.copyOf(addresses));
  }

  private static Set<RunnerAddress> addresses(List<String> given) {
    Set<RunnerAddress> addresses = new LinkedHashSet<>();
    for (String each : given) {
      addresses.add(RunnerAddress.parse("FN_RUNNER_ADDRESSES", each));
    }
    return addresses;
  }

  private static Dns fromDns(Settings settings) {
    String name = needed(settings, DNS_NAME, "dns");
    Duration min = positive(settings, DNS_MIN_INTERVAL);
    Duration max = settings.get(DNS_MAX_INTERVAL);
    if (max.compareTo(min) < 0) {
      throw new SettingException(
          DNS_MAX_INTERVAL.name() + " is shorter than " + DNS_MIN_INTERVAL.name());
    }
    List<InetSocketAddress> servers = new ArrayList<>();
    for (String each : settings.get(DNS_SERVERS)) {
      RunnerAddress server = RunnerAddress.parse(DNS_SERVERS.name(), each);
      if (NetUtil.createByteArrayFromIpAddressString(server.host()) == null) {
        throw new SettingException(
            DNS_SERVERS.name() + " holds \"" + each + "\"; expected the address of a name server");
      }
      servers.add(new InetSocketAddress(server.host(), server.port()));
    }
    return new Dns(
        new DnsRules(
            name, settings.get(DNS_TYPE).equals("srv"), settings.get(DNS_PORT), servers, min, max));
  }

  private static Listed fromFile(Settings settings) {
    String path = needed(settings, LIST_PATH, "file");
    try {
      return new Listed(Path.of(path));
    } catch (InvalidPathException e) {
      throw new SettingException(
          LIST_PATH.name() + " is \"" + path + "\"; expected the path of a file");
    }
  }

  private static String needed(Settings settings, Setting<Optional<String>> setting, String pool) {
    return settings
        .get(setting)
        .orElseThrow(() ->
            new SettingException(
                setting.name() + " is missing; FN_RUNNER_POOL=" + pool + " needs it"));
  }

  private static Duration keepAlive(Settings settings) {
    Duration value = settings.get(KEEPALIVE);
    if (!value.isZero() && value.compareTo(ConnectionRules.SHORTEST) < 0) {
      throw new SettingException(
          KEEPALIVE.name()
              + " is "
              + value.toMillis()
              + "ms; expected at least 10s, or 0 for never");
    }
    return value;
  }

  private static Duration positive(Settings settings, Setting<Duration> setting) {
    Duration value = settings.get(setting);
    if (!value.isPositive()) {
      throw new SettingException(setting.name() + " is 0; expected a longer time");
    }
    return value;
  }
}
