package dev.fncluster.runnerpool;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.model.Call;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Confined to the event loop of the call. A {@link RunnerCall} around an {@link Invocation}. */
public final class PlainRunnerCall implements RunnerCall {
  private final Invocation invocation;
  private boolean executed;
  private long executionNanos;

  /** A call. */
  public PlainRunnerCall(Invocation invocation) {
    this.invocation = invocation;
  }

  @Override
  public Call model() {
    return invocation.call();
  }

  @Override
  public String slotHashId() {
    return invocation.slotHashId();
  }

  @Override
  public Map<String, String> extensions() {
    return invocation.extensions();
  }

  @Override
  public RequestBody requestBody() {
    return invocation.body();
  }

  @Override
  public ResponseSink response() {
    return invocation.response();
  }

  @Override
  public CallContext context() {
    return invocation.context();
  }

  @Override
  public EventLoop eventLoop() {
    return invocation.eventLoop();
  }

  @Override
  public String requestId() {
    return invocation.call().requestId();
  }

  @Override
  public void addUserExecutionTime(Duration time) {
    executed = true;
    executionNanos += time.toNanos();
    invocation.call().executionNanos(executionNanos);
  }

  @Override
  public @Nullable Duration userExecutionTime() {
    return executed ? Duration.ofNanos(executionNanos) : null;
  }
}
