package dev.fncluster.runnerpool.grpc;

import io.netty.channel.EventLoop;
import java.util.concurrent.Executor;

/**
 * Runs tasks on an event loop: at once when on it, which is nearly always so. What gRPC reports
 * from elsewhere, such as a failed name resolution, is brought onto the loop.
 */
final class LoopExecutor implements Executor {
  private final EventLoop loop;

  LoopExecutor(EventLoop loop) {
    this.loop = loop;
  }

  @Override
  public void execute(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
    } else {
      loop.execute(task);
    }
  }
}
