package dev.fncluster.runner;

import dev.fncluster.runner.container.HotContainer;
import dev.fncluster.runner.slot.SlotQueue;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The queues of all kinds of containers, by slot key. Thread-safe. */
final class SlotQueues {
  private static final Logger log = LoggerFactory.getLogger(SlotQueues.class);

  private final Map<String, SlotQueue<HotContainer>> byKey = new ConcurrentHashMap<>();

  /** The queue of {@code key}, which {@code factory} makes if there is none. */
  SlotQueue<HotContainer> get(String key, Function<String, SlotQueue<HotContainer>> factory) {
    SlotQueue<HotContainer> found = byKey.get(key);
    return found != null ? found : byKey.computeIfAbsent(key, factory);
  }

  Collection<SlotQueue<HotContainer>> all() {
    return byKey.values();
  }

  /** Looks at the calls that wait, and ends the queues nobody used for {@code unusedNanos}. */
  void tick(long unusedNanos) {
    for (SlotQueue<HotContainer> each : all()) {
      try {
        each.reconsider();
        if (each.retire(unusedNanos)) {
          byKey.remove(each.key(), each);
        }
      } catch (RuntimeException e) {
        // A timer whose task fails never fires again, and everybody depends on this one.
        log.atError().addKeyValue("slot", each.key()).setCause(e).log("Waiting calls got stuck");
      }
    }
  }

  void reconsiderAll() {
    all().forEach(SlotQueue::reconsider);
  }

  void refuseAll(Throwable why) {
    all().forEach(each -> each.refuseAll(why));
  }

  void forEachContainer(Consumer<HotContainer> action) {
    all().forEach(each -> each.slots().forEach(action));
  }

  /** Containers that are there or being started. */
  int containers() {
    return all().stream().mapToInt(each -> each.slots().size() + each.starting()).sum();
  }
}
