package dev.fncluster.runner.function;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.HeaderValues;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.model.HopByHop;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.channels.ClosedChannelException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the event loop of its call: one request to a function and its answer.
 *
 * <p>Never sends a request twice. Body and answer are streamed with back-pressure in both
 * directions; the execution timeout holds from {@link #start} to the last byte of the answer.
 */
public final class FunctionExchange {
  /** Told once how the exchange ended. */
  @FunctionalInterface
  public interface Listener {
    /**
     * The exchange is over.
     *
     * @param failure null for success
     * @param after whether the container can take another call
     */
    void ended(@Nullable Throwable failure, After after);
  }

  /** What becomes of the container. */
  public enum After {
    /** It takes the next call on the same connection. */
    KEEP,
    /** It takes the next call on a new connection. */
    RECONNECT,
    /** It is in the middle of something: nobody can tell what its next answer would belong to. */
    STOP
  }

  private final Invocation invocation;
  private final FunctionConnection connection;
  private final Channel channel;
  private final Listener listener;
  private final ResponseSink sink;
  private final RequestWriter request;
  private final LimitedAnswer answer;

  private @Nullable BodyReader reader;
  private @Nullable ScheduledFuture<?> timer;
  private boolean bodyRequested;
  private boolean bodyComplete;
  private boolean pumping;

  private boolean informational;
  private boolean answering;
  private boolean keepAlive;
  private boolean paused;
  private boolean listensToSink;
  private boolean answered;
  private @Nullable FnException answeredFailure;
  private boolean ended;

  /**
   * An exchange that is not started.
   *
   * @param limit what the answer is held to
   */
  public FunctionExchange(
      Invocation invocation, FunctionConnection connection, AnswerLimit limit, Listener listener) {
    this.invocation = invocation;
    this.connection = connection;
    this.channel = connection.channel();
    this.listener = listener;
    this.sink = invocation.response();
    this.request = new RequestWriter(channel);
    this.answer = new LimitedAnswer(sink, limit, invocation.eventLoop(), this::released);
  }

  /**
   * Sends the request.
   *
   * @param nowNanos the same moment as {@code now}, on the scale of {@link System#nanoTime()}
   */
  public void start(Instant now, long nowNanos) {
    long timeoutNanos = timeoutNanos(nowNanos);
    try {
      request.prepare(invocation.call(), now.plusNanos(timeoutNanos));
    } catch (IllegalArgumentException e) {
      end(new ServiceException(400, "Invalid request header: " + e.getMessage()), After.KEEP);
      return;
    }
    timer = eventLoop().schedule(this::timedOut, timeoutNanos, TimeUnit.NANOSECONDS);
    connection.begin(this);
    if (!connection.isOpen()) {
      // It was closed on its way here from another loop, before anybody could tell us.
      connectionLost(new ClosedChannelException());
      return;
    }
    try {
      reader = invocation.body().open(new Body());
    } catch (IllegalStateException e) {
      end(e, After.KEEP);
      return;
    }
    pump();
    request.flush();
    if (!request.isBegun() && !ended) {
      // What came together with the head of the call is handed over by then, and both leave in one
      // piece: a function that is woken by half a request waits for the rest.
      eventLoop().execute(this::announce);
    }
    if (!ended) {
      invocation.body().commit();
    }
  }

  /**
   * Gives up.
   *
   * @param failure what the call ends with
   */
  public void abort(Throwable failure) {
    end(failure, After.STOP);
  }

  /**
   * Gives up because nobody wants the answer any more. A function that answers a request it has
   * taken whole keeps its container: the rest of the answer ends with the connection.
   *
   * @param failure what the call ends with
   */
  public void leave(Throwable failure) {
    end(failure, answering && request.isTaken() ? After.RECONNECT : After.STOP);
  }

  EventLoop eventLoop() {
    return invocation.eventLoop();
  }

  // The request.

  private long timeoutNanos(long nowNanos) {
    long nanos = TimeUnit.SECONDS.toNanos(invocation.call().timeout());
    return invocation.context().hasDeadline()
        ? Math.min(nanos, Math.max(0, invocation.context().deadlineNanos() - nowNanos))
        : nanos;
  }

  private void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    BodyReader from = reader;
    while (from != null && !ended && !bodyComplete && !bodyRequested && channel.isWritable()) {
      bodyRequested = true;
      from.request();
    }
    pumping = false;
  }

  /** The body is still on its way: the function gets to know of the call meanwhile. */
  private void announce() {
    if (!ended) {
      request.begin();
      request.flush();
    }
  }

  private final class Body implements BodyConsumer {
    @Override
    public void chunk(ByteBuf data, boolean last) {
      if (ended) {
        data.release();
        return;
      }
      bodyRequested = false;
      bodyComplete = last;
      request.piece(data, last);
      if (!pumping) {
        pump();
        request.flush();
      }
    }

    @Override
    public void failed(Throwable cause) {
      // The client's end of the body is gone or too long. The function has half a request.
      end(cause, request.isBegun() ? After.STOP : After.KEEP);
    }
  }

  void writable() {
    if (!ended) {
      pump();
      request.flush();
    }
  }

  // The answer.

  void received(Object message) {
    if (ended || answered) {
      ReferenceCountUtil.release(message);
      keepAlive = false;
      connection.close();
      return;
    }
    if (message instanceof HttpResponse head) {
      receivedHead(head);
    }
    if (message instanceof HttpContent content) {
      receivedContent(content);
    }
  }

  private void receivedHead(HttpResponse response) {
    Throwable garbled = response.decoderResult().cause();
    if (garbled != null) {
      boolean tooLong =
          garbled instanceof TooLongHttpHeaderException
              || garbled instanceof TooLongHttpLineException;
      end(
          tooLong
              ? InvocationErrors.functionResponseHeaderTooBig()
              : InvocationErrors.functionResponse(garbled),
          After.STOP);
      return;
    }
    int status = response.status().code();
    if (status < 200) {
      informational = true;
      if (status == 101) {
        end(InvocationErrors.functionInvalidResponse(), After.STOP);
      }
      return;
    }
    answering = true;
    keepAlive = HttpUtil.isKeepAlive(response);
    switch (status) {
      case 200 -> {
        if (!bodyComplete) {
          end(InvocationErrors.functionPrematureWrite(), After.STOP);
        } else if (!answer.head(headers(response.headers()), length(response))) {
          end(InvocationErrors.functionResponseTooBig(), After.RECONNECT);
        }
      }
      case 502 -> answeredFailure = InvocationErrors.functionFailed();
      case 504 -> answeredFailure = InvocationErrors.callTimeout();
      default -> end(InvocationErrors.functionInvalidResponse(), After.STOP);
    }
  }

  private void receivedContent(HttpContent content) {
    if (ended) {
      content.release();
      return;
    }
    Throwable garbled = content.decoderResult().cause();
    if (garbled != null) {
      content.release();
      end(InvocationErrors.functionResponse(garbled), After.STOP);
      return;
    }
    boolean last = content instanceof LastHttpContent;
    if (informational) {
      content.release();
      informational = !last;
      return;
    }
    ByteBuf data = content.content();
    if (answeredFailure != null || !data.isReadable()) {
      content.release();
    } else if (!deliver(data)) {
      return;
    }
    if (last) {
      complete();
    }
  }

  /** Hands {@code data} over; false when that was more than is allowed and the exchange ended. */
  private boolean deliver(ByteBuf data) {
    if (!answer.data(data)) {
      end(InvocationErrors.functionResponseTooBig(), bodyComplete ? After.RECONNECT : After.STOP);
      return false;
    }
    if (!ended && !answer.isHeldBack() && !sink.isWritable()) {
      pause();
    }
    return true;
  }

  /** Something that was held back is on its way out. */
  private void released() {
    if (!ended && !sink.isWritable()) {
      pause();
    }
  }

  private void pause() {
    listenToSink();
    paused = true;
    channel.config().setAutoRead(false);
  }

  private void listenToSink() {
    if (!listensToSink) {
      listensToSink = true;
      sink.onWritable(this::sinkIsWritable);
    }
  }

  private void sinkIsWritable() {
    if (ended || !answer.drain()) {
      return;
    }
    if (answered) {
      end(null, afterAnswer());
    } else {
      resume();
    }
  }

  private void resume() {
    if (paused) {
      paused = false;
      channel.config().setAutoRead(true);
    }
  }

  private void complete() {
    if (answeredFailure == null && !answer.complete()) {
      // The function has done its part, and may not say more; the client reads slowly.
      answered = true;
      listenToSink();
      resume();
      return;
    }
    end(answeredFailure, afterAnswer());
  }

  private After afterAnswer() {
    if (!request.isTaken()) {
      // It answered without taking its request: the rest of it would be in the way of the next.
      return After.STOP;
    }
    return keepAlive ? After.KEEP : After.RECONNECT;
  }

  void connectionLost(@Nullable Throwable cause) {
    if (ended) {
      return;
    }
    if (answered) {
      keepAlive = false;
    } else if (cause == null && !bodyComplete && !answering) {
      end(InvocationErrors.functionClosedPipe(), After.STOP);
    } else {
      end(InvocationErrors.functionResponse(cause), After.STOP);
    }
  }

  private void timedOut() {
    end(InvocationErrors.callTimeout(), answered ? afterAnswer() : After.STOP);
  }

  private void end(@Nullable Throwable failure, After after) {
    if (ended) {
      return;
    }
    ended = true;
    answer.discard();
    request.discard();
    ScheduledFuture<?> running = timer;
    if (running != null) {
      running.cancel(false);
    }
    BodyReader from = reader;
    if (from != null && !bodyComplete) {
      from.cancel();
    }
    connection.end();
    if (after == After.KEEP) {
      resume();
    } else {
      connection.close();
    }
    listener.ended(failure, after);
  }

  private static long length(HttpResponse response) {
    return HttpUtil.isTransferEncodingChunked(response)
        ? -1
        : HttpUtil.getContentLength(response, -1L);
  }

  private static Headers headers(HttpHeaders in) {
    Headers out = new Headers(in.size());
    for (Map.Entry<String, String> each : in) {
      String name = HeaderNames.canonical(each.getKey());
      if (!HopByHop.matches(name, each.getValue())) {
        out.add(name, HeaderValues.fromBytes(each.getValue()));
      }
    }
    return out;
  }
}
