package dev.fncluster.runner.logs;

import dev.fncluster.proto.LogRequestMsg;
import dev.fncluster.proto.LogResponseMsg;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.apiguardian.api.API;

/**
 * Serves the collectors that connect to a runner for the lines of its functions.
 *
 * <p>A runner has one of its own, {@link BufferedLogStreamer}; {@code
 * PureRunnerNode.Builder.logStreamer} puts another in its place. Thread-safe.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface LogStreamer extends LogSink {
  /**
   * The next line of any function. May block: it is called on a thread of its own, behind a queue
   * whose overflow is dropped and counted as {@code collector}.
   */
  @Override
  void accept(LogLine line);

  /**
   * A collector opens a stream. Called on an event loop, as is what is returned: neither may block.
   *
   * @param collector where messages to it go; used by one thread at a time
   * @return takes what the collector sends
   */
  StreamObserver<LogRequestMsg> open(ServerCallStreamObserver<LogResponseMsg> collector);

  /** The node stops, and no call is under way any more: ends all streams within a few seconds. */
  void close() throws InterruptedException;
}
