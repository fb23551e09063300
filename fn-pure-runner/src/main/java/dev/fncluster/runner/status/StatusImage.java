package dev.fncluster.runner.status;

import dev.fncluster.api.call.BytesBody;
import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.CallTimings;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.model.Timestamps;
import dev.fncluster.proto.RunnerStatus;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the status image as a function that takes no resources and is never evicted. Blocks, for
 * virtual threads; thread-safe.
 */
public final class StatusImage {
  // How a status call is bounded on every Fn runner.
  private static final int TIMEOUT_SECONDS = 5;
  private static final int IDLE_SECONDS = 1;
  // Beyond the call's own deadline, so that this one is only met when the agent itself hangs.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final CallAgent agent;
  private final String image;
  private final IdGenerator ids;
  private final Supplier<EventLoop> loops;

  /**
   * A status image on {@code agent}.
   *
   * @param loops where its calls live
   */
  public StatusImage(CallAgent agent, String image, IdGenerator ids, Supplier<EventLoop> loops) {
    this.agent = agent;
    this.image = image;
    this.ids = ids;
    this.loops = loops;
  }

  /**
   * Runs it.
   *
   * @param input the body of its request
   * @param withoutNetwork whether its container has no network but the loopback
   * @param limit for everything: pull, start, execution
   * @param out gets the id, the answer and the times, also when the image fails
   * @throws FnException when it could not be run
   */
  void run(String input, boolean withoutNetwork, Duration limit, RunnerStatus.Builder out)
      throws InterruptedException {
    Call call =
        new Call()
            .id(ids.next())
            .image(image)
            .method("GET")
            .url("/")
            .timeout(TIMEOUT_SECONDS)
            .idleTimeout(IDLE_SECONDS)
            .networkDisabled(withoutNetwork);
    out.setId(call.id());
    EventLoop loop = loops.get();
    GatheredAnswer answer = new GatheredAnswer();
    CallContext context = CallContext.withDeadline(System.nanoTime() + limit.toNanos());
    CompletableFuture<@Nullable Throwable> ended = new CompletableFuture<>();
    loop.schedule(
        () -> context.cancel(CancelCause.DEADLINE), limit.toNanos(), TimeUnit.NANOSECONDS);
    loop.execute(() ->
        agent.submit(
            new Invocation(
                call,
                // No hash of a function is such a word.
                withoutNetwork ? "status-without-network" : "status",
                Map.of(),
                BytesBody.of(input.getBytes(StandardCharsets.UTF_8)),
                answer,
                context,
                loop),
            ended::complete));
    Throwable failure = await(ended, limit.plus(PATIENCE));
    times(call, out);
    if (failure != null) {
      throw failure instanceof FnException known ? known : InvocationErrors.internal(failure);
    }
    out.setDetails(answer.text());
    if (answer.status() >= 400) {
      out.setFailed(true).setErrorCode(answer.status());
    }
  }

  private static @Nullable Throwable await(
      CompletableFuture<@Nullable Throwable> ended, Duration limit) throws InterruptedException {
    try {
      return ended.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return new IllegalStateException("the status call did not end within " + limit, e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("ends are told, not thrown", e);
    }
  }

  private static void times(Call call, RunnerStatus.Builder out) {
    Instant created = call.createdAt();
    Instant started = call.startedAt();
    Instant completed = call.completedAt();
    if (created != null) {
      out.setCreatedAt(Timestamps.format(created));
    }
    if (created != null && started != null) {
      out.setStartedAt(Timestamps.format(started))
          .setSchedulerDuration(Duration.between(created, started).toNanos());
    }
    if (started != null && completed != null) {
      out.setCompletedAt(Timestamps.format(completed))
          .setExecutionDuration(Duration.between(started, completed).toNanos());
    }
    CallTimings timings = call.timings();
    out.setImagePullWaitDuration(timings.imagePullWaitNanos())
        .setCtrPrepDuration(timings.containerPrepNanos())
        .setCtrCreateDuration(timings.containerCreateNanos())
        .setInitStartTime(timings.initNanos());
  }
}
