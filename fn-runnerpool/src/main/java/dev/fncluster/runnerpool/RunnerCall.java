package dev.fncluster.runnerpool;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.model.Call;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Map;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * A call as placers and runners see it. It needs no HTTP request: body and answer are plain sources
 * and sinks.
 *
 * <p>Confined to {@link #eventLoop()}, except that a blocking {@link RunnerPool} may read {@link
 * #model()}, {@link #slotHashId()} and {@link #extensions()} while it is asked.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface RunnerCall {
  /** The model, started: its status is {@code running}. */
  Call model();

  /** Lower-case hex of the slot key; empty leaves it to the runner. */
  String slotHashId();

  /** What overriders and drivers pass on; unmodifiable. */
  Map<String, String> extensions();

  /** The body; every attempt opens a reading of its own. */
  RequestBody requestBody();

  /** Where the answer goes. */
  ResponseSink response();

  /** Ends when the caller gives up. */
  CallContext context();

  /** The one thread on which the call lives. */
  EventLoop eventLoop();

  /** The id by which the client knows its request, for logs of other nodes; empty for none. */
  default String requestId() {
    return "";
  }

  /** Adds to the time that user code ran for this call, as runners report it. */
  void addUserExecutionTime(Duration time);

  /** The sum of what was added, or null when no runner ever reported anything. */
  @Nullable Duration userExecutionTime();
}
