package dev.fncluster.runnerpool.dns;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.runnerpool.RunnerAddress;
import dev.fncluster.runnerpool.pool.Endpoint;
import dev.fncluster.runnerpool.pool.EndpointSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runners that DNS knows, asked for again when an answer is no longer good. Where no name server
 * answers, or the name has no records, the last good answer goes on to hold. Thread-safe.
 */
public final class DnsSource implements EndpointSource {
  private static final Logger log = LoggerFactory.getLogger(DnsSource.class);

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final DnsRules rules;
  private final DnsClient client;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Thread thread;
  // The next three: by one thread at a time.
  private List<Endpoint> known = List.of();
  private Duration retry;
  private boolean failing;

  private record Found(List<Endpoint> endpoints, Duration timeToLive) {}

  /** Asks on {@code loops}, once started. */
  public DnsSource(EventLoops loops, DnsRules rules) {
    this.rules = rules;
    client = new DnsClient(loops, rules.servers());
    retry = rules.minInterval();
  }

  @Override
  public void start(Consumer<List<Endpoint>> listener) {
    Duration pause;
    try {
      pause = look(listener);
    } catch (InterruptedException e) {
      // Whoever interrupts a start wants it to end soon.
      Thread.currentThread().interrupt();
      pause = rules.minInterval();
    }
    Duration first = pause;
    thread = Thread.ofVirtual().name("runner-dns").start(() -> run(first, listener));
  }

  private void run(Duration first, Consumer<List<Endpoint>> listener) {
    Duration pause = first;
    try {
      while (!closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        pause = look(listener);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      client.close();
    }
  }

  /** Asks once; returns how long to wait before the next time. */
  private Duration look(Consumer<List<Endpoint>> listener) throws InterruptedException {
    try {
      Found found = find();
      if (failing) {
        log.atInfo().addKeyValue("name", rules.name()).log("DNS answers again");
      }
      failing = false;
      retry = rules.minInterval();
      if (!found.endpoints().equals(known) && closing.getCount() > 0) {
        known = found.endpoints();
        listener.accept(known);
      }
      return rules.clamp(found.timeToLive());
    } catch (IOException | RuntimeException e) {
      if (!failing) {
        log.atWarn()
            .addKeyValue("name", rules.name())
            .addKeyValue("runners", known.size())
            .addKeyValue("why", e.getMessage())
            .log("DNS does not tell the runners; those that it told last stay");
      }
      failing = true;
      Duration pause = rules.clamp(retry);
      retry = rules.clamp(retry.multipliedBy(2));
      return pause;
    }
  }

  private Found find() throws IOException, InterruptedException {
    // By address, so that a change of their order is none, and nobody is there twice.
    TreeMap<String, Endpoint> found = new TreeMap<>();
    Duration timeToLive;
    if (rules.services()) {
      DnsAnswer<SrvTarget> services = client.services(rules.name());
      timeToLive = services.timeToLive();
      for (SrvTarget target : services.records()) {
        DnsAnswer<String> addresses = client.addresses(target.host());
        if (addresses.records().isEmpty()) {
          throw new IOException(target.host() + " has no addresses");
        }
        timeToLive = shorter(timeToLive, addresses.timeToLive());
        add(found, addresses.records(), target.port(), target.host());
      }
    } else {
      DnsAnswer<String> addresses = client.addresses(rules.name());
      timeToLive = addresses.timeToLive();
      add(found, addresses.records(), rules.port(), rules.name());
    }
    if (found.isEmpty()) {
      throw new IOException("the name has no records");
    }
    return new Found(new ArrayList<>(found.values()), timeToLive);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static void add(
      TreeMap<String, Endpoint> found, List<String> hosts, int port, String serverName) {
    for (String host : hosts) {
      RunnerAddress address = new RunnerAddress(host, port);
      found.putIfAbsent(address.toString(), new Endpoint(address, serverName));
    }
  }

  /** Waits until nobody is asked any more, within five seconds: the loops may end then. */
  @Override
  public void close() {
    closing.countDown();
    Thread asking = thread;
    if (asking == null) {
      client.close();
      return;
    }
    asking.interrupt();
    try {
      if (!asking.join(CLOSE_LIMIT)) {
        log.warn("DNS is still being asked, after {} s", CLOSE_LIMIT.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
