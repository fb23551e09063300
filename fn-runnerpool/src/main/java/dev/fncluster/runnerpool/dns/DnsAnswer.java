package dev.fncluster.runnerpool.dns;

import java.time.Duration;
import java.util.List;

/**
 * What a name server has said.
 *
 * @param records of the type that was asked for; empty when there are none
 * @param timeToLive how long that is good: the shortest of the records
 */
record DnsAnswer<T>(List<T> records, Duration timeToLive) {
  DnsAnswer {
    records = List.copyOf(records);
  }
}
