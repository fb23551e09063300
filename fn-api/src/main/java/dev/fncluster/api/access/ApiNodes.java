package dev.fncluster.api.access;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API nodes of a load balancer, and which of them answer: the first one of the list that does
 * is asked, and it is asked again once it is back.
 *
 * <pre>
 *   well ── a request failed ──▶ failed ── a request went well ──▶ well
 *                                  └── every 5 s one request is repeated there, to find out
 * </pre>
 *
 * <p>Thread-safe; never blocks.
 */
final class ApiNodes {
  /** How long a node that failed is left alone while others answer. */
  static final Duration PROBE_INTERVAL = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(ApiNodes.class);

  private final List<Node> nodes;
  private final LongSupplier nanoTime;

  /**
   * Nodes that are all taken to be well.
   *
   * @param urls the one that is to be asked first; at least one
   * @param nanoTime as {@link System#nanoTime}
   */
  ApiNodes(List<URI> urls, LongSupplier nanoTime) {
    this.nodes = urls.stream().map(Node::new).toList();
    this.nanoTime = nanoTime;
  }

  /** One API node. */
  final class Node {
    private final URI url;
    private final AtomicBoolean failed = new AtomicBoolean();
    private final AtomicLong probeAt = new AtomicLong();

    private Node(URI url) {
      this.url = url;
    }

    URI url() {
      return url;
    }

    /** Notes that the node gave an answer that can be relied on. */
    void answered() {
      if (failed.get() && failed.compareAndSet(true, false)) {
        LOG.info("API node {} answers again", url);
      }
    }

    /** Notes that the node gave no answer, or none that can be used. */
    void failed(Exception cause) {
      probeAt.set(nanoTime.getAsLong() + PROBE_INTERVAL.toNanos());
      if (failed.compareAndSet(false, true)) {
        LOG.warn("API node {} does not answer: {}", url, String.valueOf(cause));
      }
    }
  }

  /** All nodes: those that are well first, each kind in the order of the list. */
  List<Node> inOrder() {
    List<Node> order = new ArrayList<>(nodes.size());
    for (Node node : nodes) {
      if (!node.failed.get()) {
        order.add(node);
      }
    }
    for (Node node : nodes) {
      if (!order.contains(node)) {
        order.add(node);
      }
    }
    return order;
  }

  /**
   * A node that failed and is to be tried now, beside one that is well: to one caller in {@link
   * #PROBE_INTERVAL} only.
   */
  Optional<Node> takeProbe() {
    long now = nanoTime.getAsLong();
    for (Node node : nodes) {
      long due = node.probeAt.get();
      if (node.failed.get()
          && now - due >= 0
          && node.probeAt.compareAndSet(due, now + PROBE_INTERVAL.toNanos())) {
        return Optional.of(node);
      }
    }
    return Optional.empty();
  }
}
