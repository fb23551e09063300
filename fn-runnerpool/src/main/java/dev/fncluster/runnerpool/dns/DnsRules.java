package dev.fncluster.runnerpool.dns;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * What is asked of name servers, and how often.
 *
 * @param name of the runners
 * @param services whether service records are asked for, which have ports
 * @param port of the runners, where it is not the records that say it
 * @param servers none for those of the system
 * @param minInterval between two questions; positive
 * @param maxInterval between two questions, however long an answer is good; not below the other
 */
public record DnsRules(
    String name,
    boolean services,
    int port,
    List<InetSocketAddress> servers,
    Duration minInterval,
    Duration maxInterval) {
  /** Copies the list. */
  public DnsRules {
    servers = List.copyOf(servers);
  }

  Duration clamp(Duration wanted) {
    if (wanted.compareTo(minInterval) < 0) {
      return minInterval;
    }
    return wanted.compareTo(maxInterval) > 0 ? maxInterval : wanted;
  }
}
