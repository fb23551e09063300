package dev.fncluster.runnerpool.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.loop.EventLoops;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LoopExecutorTest {
  @Test
  void runsOnTheLoopAndAtOnceWhenThere() throws Exception {
    try (EventLoops loops = EventLoops.create(1, "test-loop")) {
      EventLoop loop = loops.loops().getFirst();
      LoopExecutor executor = new LoopExecutor(loop);
      CompletableFuture<Boolean> atOnce = new CompletableFuture<>();
      executor.execute(() -> {
        AtomicBoolean ran = new AtomicBoolean();
        executor.execute(() -> ran.set(true));
        atOnce.complete(loop.inEventLoop() && ran.get());
      });
      assertThat(atOnce.get(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void whatComesAfterTheLoopIsDropped() {
    EventLoops loops = EventLoops.create(1, "test-loop");
    LoopExecutor executor = new LoopExecutor(loops.loops().getFirst());
    loops.close();
    AtomicBoolean ran = new AtomicBoolean();
    executor.execute(() -> ran.set(true));
    assertThat(ran).isFalse();
  }
}
