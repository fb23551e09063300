package dev.fncluster.runnerpool.grpc;

import io.netty.channel.EventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks on an event loop: at once when on it, which is nearly always so. What gRPC reports
 * from elsewhere, such as a failed name resolution, is brought onto the loop; what it reports when
 * the node has stopped, and the loop with it, is dropped.
 */
final class LoopExecutor implements Executor {
  private static final Logger log = LoggerFactory.getLogger(LoopExecutor.class);

  private final EventLoop loop;

  LoopExecutor(EventLoop loop) {
    this.loop = loop;
  }

  @Override
  public void execute(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
      return;
    }
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      // A look-up of a name is not ended by closing its channel. To gRPC this would be a panic.
      log.debug("gRPC reported something after its event loop had ended");
    }
  }
}
