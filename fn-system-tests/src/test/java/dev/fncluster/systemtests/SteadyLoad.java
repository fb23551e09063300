package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Calls a function that echoes at a steady rate, and keeps account: which calls did not end well,
 * and how many answers came from each container, beside how many calls that container has begun.
 */
final class SteadyLoad implements AutoCloseable {
  private static final int MAX_UNDER_WAY = 100;
  private static final Duration END = Duration.ofSeconds(120);

  private final Supplier<FnClient> front;
  private final FnClient.CreatedFn fn;
  private final long intervalNanos;
  private final Semaphore underWay = new Semaphore(MAX_UNDER_WAY);
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final Map<String, Container> containers = new ConcurrentHashMap<>();
  private final Thread thread;

  /** What is known of a container. */
  private record Container(AtomicLong answers, AtomicLong begun) {}

  private SteadyLoad(Supplier<FnClient> front, FnClient.CreatedFn fn, int perSecond) {
    this.front = front;
    this.fn = fn;
    intervalNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
    thread = Thread.ofVirtual().unstarted(this::run);
  }

  /**
   * Begins to call.
   *
   * @param front asked before every call where to send it
   */
  static SteadyLoad start(Supplier<FnClient> front, FnClient.CreatedFn fn, int perSecond) {
    SteadyLoad load = new SteadyLoad(front, fn, perSecond);
    load.thread.start();
    return load;
  }

  private void run() {
    long next = System.nanoTime();
    while (!over.get()) {
      underWay.acquireUninterruptibly();
      call("call " + sent.incrementAndGet());
      next = Math.max(next + intervalNanos, System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(100));
      LockSupport.parkNanos(next - System.nanoTime());
    }
  }

  private void call(String body) {
    front
        .get()
        .invokeAsync(fn, body)
        .whenComplete((response, failure) -> {
          if (failure != null) {
            failures.add(body + ": " + failure);
          } else {
            answered(body, response);
          }
          underWay.release();
        });
  }

  private void answered(String body, HttpResponse<String> response) {
    if (response.statusCode() != 200 || !response.body().equals(body)) {
      failures.add(body + ": " + response.statusCode() + " " + response.body());
      return;
    }
    Container container =
        containers.computeIfAbsent(
            FnClient.instance(response), id -> new Container(new AtomicLong(), new AtomicLong()));
    container.answers().incrementAndGet();
    container
        .begun()
        .accumulateAndGet(Long.parseLong(FnClient.header(response, "Function-Calls")), Math::max);
    answered.incrementAndGet();
  }

  /** Waits until more than {@code calls} further ones were answered, all of them well. */
  void goOn(int calls) {
    long before = answered();
    await().atMost(END).until(() -> answered() > before + calls || !failures.isEmpty());
    assertThat(failures).isEmpty();
  }

  /** How many calls were answered well. */
  long answered() {
    return answered.get();
  }

  /** What went wrong up to now; empty when all is well. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  /**
   * Containers that have begun more calls than have been answered: calls were executed twice, or
   * their answers lost. To be asked when the load has ended.
   */
  List<String> containersWithMoreCallsThanAnswers() {
    return containers.entrySet().stream()
        .filter(each -> each.getValue().answers().get() != each.getValue().begun().get())
        .map(Object::toString)
        .toList();
  }

  /** Calls no more, and waits for the calls under way. */
  @Override
  public void close() throws InterruptedException {
    over.set(true);
    if (!thread.join(END) || !underWay.tryAcquire(MAX_UNDER_WAY, 120, TimeUnit.SECONDS)) {
      throw new AssertionError("calls have not ended within " + END);
    }
    underWay.release(MAX_UNDER_WAY);
  }
}
