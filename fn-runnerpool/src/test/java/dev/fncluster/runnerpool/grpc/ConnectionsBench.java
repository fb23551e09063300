package dev.fncluster.runnerpool.grpc;

import dev.fncluster.api.call.BytesBody;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.runnerpool.RunnerAddress;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.fake.RecordingSink;
import dev.fncluster.runnerpool.fake.TestCalls;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/**
 * Not a test: how much a runner client gets through with one connection, with more of them on one
 * event loop, and with one on each of two loops. Variants are loaded in turn, so that what the
 * machine does meanwhile meets all of them; printed are calls a second, and their ratio to the
 * first.
 */
final class ConnectionsBench {
  private static final int ROUNDS = 5;
  private static final int IN_FLIGHT = 32;
  private static final long ROUND_MILLIS = 4_000;
  private static final byte[] BODY = new byte[1024];

  /** Runners, all of them the same one, and the loops that their calls are on. */
  private record Variant(String name, List<GrpcRunner> runners, List<EventLoop> loops) {}

  private ConnectionsBench() {}

  /** Takes no arguments. */
  public static void main(String[] arguments) throws Exception {
    ScriptedRunnerServer.Script answer =
        RunnerScripts.afterBody(stream -> RunnerScripts.finish(stream, RunnerMessages.OK));
    try (ScriptedRunnerServer server = ScriptedRunnerServer.forgetful(answer);
        EventLoops one = EventLoops.create(1, "one");
        EventLoops two = EventLoops.create(2, "two")) {
      List<Variant> variants =
          List.of(
              new Variant("1 loop, 1 connection", runners(1, server, one), one.loops()),
              new Variant("1 loop, 2 connections", runners(2, server, one), one.loops()),
              new Variant("1 loop, 4 connections", runners(4, server, one), one.loops()),
              new Variant("2 loops, 1 connection each", runners(1, server, two), two.loops()));
      double[] best = new double[variants.size()];
      for (int round = -1; round < ROUNDS; round++) {
        for (int i = 0; i < variants.size(); i++) {
          double rate = load(variants.get(i));
          if (round >= 0) {
            best[i] += rate / ROUNDS;
          }
        }
      }
      for (int i = 0; i < variants.size(); i++) {
        System.out.printf(
            "%-28s %8.0f/s %5.2f%n", variants.get(i).name(), best[i], best[i] / best[0]);
        for (GrpcRunner each : variants.get(i).runners()) {
          each.close(Duration.ofSeconds(1));
        }
      }
    }
  }

  private static List<GrpcRunner> runners(int count, ScriptedRunnerServer server, EventLoops on) {
    RunnerClientStats stats = new RunnerClientStats(new ViewRegistry(new SimpleMeterRegistry()));
    return IntStream.range(0, count)
        .mapToObj(i ->
            new GrpcRunner(
                new RunnerAddress("127.0.0.1", server.port()),
                on,
                ChannelSecurity.plaintext(),
                stats))
        .toList();
  }

  private static double load(Variant variant) throws InterruptedException {
    LongAdder done = new LongAdder();
    AtomicBoolean over = new AtomicBoolean();
    CountDownLatch ended = new CountDownLatch(IN_FLIGHT);
    long began = System.nanoTime();
    List<Runnable> chains = new ArrayList<>();
    for (int i = 0; i < IN_FLIGHT; i++) {
      EventLoop loop = variant.loops().get(i % variant.loops().size());
      GrpcRunner runner = variant.runners().get(i % variant.runners().size());
      chains.add(() -> loop.execute(() -> callAgain(runner, loop, done, over, ended)));
    }
    chains.forEach(Runnable::run);
    TimeUnit.MILLISECONDS.sleep(ROUND_MILLIS);
    over.set(true);
    ended.await();
    return done.sum() / ((System.nanoTime() - began) / 1e9);
  }

  private static void callAgain(
      GrpcRunner runner, EventLoop loop, LongAdder done, AtomicBoolean over, CountDownLatch ended) {
    if (over.get()) {
      ended.countDown();
      return;
    }
    CallContext context = CallContext.create();
    RunnerCall call =
        TestCalls.call(
            TestCalls.invocation(loop, new RecordingSink(), BytesBody.of(BODY), context));
    runner.tryExec(
        call,
        context,
        result -> {
          if (result instanceof TryResult.Placed) {
            done.increment();
          }
          loop.execute(() -> callAgain(runner, loop, done, over, ended));
        });
  }
}
