package dev.fncluster.runner;

import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.SlotHash;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.Subject;
import dev.fncluster.runner.container.HotContainer;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.runner.slot.LaunchPolicy;
import dev.fncluster.runner.slot.SlotLauncher;
import dev.fncluster.runner.slot.SlotQueue;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The queues of all kinds of containers, by slot key. Thread-safe. */
final class SlotQueues {
  private static final Logger log = LoggerFactory.getLogger(SlotQueues.class);

  private final Map<String, SlotQueue<HotContainer>> byKey = new ConcurrentHashMap<>();
  private final RunnerSettings settings;
  private final ContainerDriver driver;
  private final LaunchPolicy policy;

  SlotQueues(RunnerSettings settings, ContainerDriver driver) {
    this.settings = settings;
    this.driver = driver;
    this.policy = new LaunchPolicy(settings.refuseWhenFull());
  }

  /**
   * The queue for the containers that can execute this call.
   *
   * @param launcher starts the containers of a queue that there was not yet
   * @throws dev.fncluster.api.error.FnException when the driver does not tell its slot key
   *     extension
   */
  SlotQueue<HotContainer> of(Invocation invocation, SlotLauncher<HotContainer> launcher) {
    String key = key(invocation);
    SlotQueue<HotContainer> found = byKey.get(key);
    return found != null
        ? found
        : byKey.computeIfAbsent(
            key,
            made ->
                new SlotQueue<>(
                    made,
                    ResourceAmount.of(invocation.call()),
                    launcher,
                    policy,
                    settings.maxConcurrentStarts(),
                    settings.maxQueuedCalls(),
                    System::nanoTime));
  }

  /**
   * The key of what an overrider of this runner has changed: it also stands for what the load
   * balancer told apart by the key that it sent.
   */
  static String overriddenKey(Invocation changed) {
    String own = ownKey(changed, "");
    return changed.slotHashId().isEmpty() ? own : SlotHash.combined(changed.slotHashId(), own);
  }

  private String key(Invocation invocation) {
    String extension = driverExtension(invocation);
    String sent = invocation.slotHashId();
    if (sent.isEmpty()) {
      return ownKey(invocation, extension);
    }
    return extension.isEmpty() ? sent : SlotHash.combined(sent, extension);
  }

  private static String ownKey(Invocation invocation, String extension) {
    Call call = invocation.call();
    return SlotHash.hex(call, call.configWith(SlotHash.CONTAINER_CONFIG), extension);
  }

  private String driverExtension(Invocation invocation) {
    try {
      return Objects.requireNonNull(
          driver.slotKeyExtension(invocation.extensions()), "it returned null");
    } catch (Throwable failure) {
      throw ExtensionRunner.told(driver, Subject.of(invocation.call()), failure);
    }
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
