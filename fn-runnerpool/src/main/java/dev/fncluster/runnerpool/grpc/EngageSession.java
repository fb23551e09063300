package dev.fncluster.runnerpool.grpc;

import com.google.protobuf.ByteString;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.LogIds;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.model.Headers;
import dev.fncluster.proto.CallFinished;
import dev.fncluster.proto.CallResultStart;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.HttpHeader;
import dev.fncluster.proto.HttpRespMeta;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.proto.TryCall;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.TryCompletion;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.wire.Outbound;
import dev.fncluster.wire.Whole;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to the event loop of the call, except where stated. One attempt at one runner: one
 * {@code Engage} stream.
 *
 * <pre>
 *   CONNECTING ──────ready: TryCall─────▶ STREAMING ──CallFinished──▶ FINISHED ──end──▶ OVER
 *    │  └──connected: TryCall──▶ OFFERED ──ready──┘ └── final, but for an explicit "busy"
 *    └── not placed              └── not placed
 * </pre>
 *
 * A runner that can't be reached has certainly not started the call; once TryCall is out, only the
 * runner itself can say so. Where there is a connection, TryCall is handed over at once, so that it
 * leaves in one send with the head of the stream. Whether it has left is known all the same: gRPC
 * says "ready" as soon as that head was written to the socket, and TryCall follows behind it. That
 * holds while less is handed over than the stream takes before it stops being ready (32 KiB). It is
 * also why a call whose body is whole is not described to gRPC as one that sends once, though its
 * frames would leave merged then: of such calls gRPC never says that they are ready.
 *
 * <p>Not even TryCall on its way is a reason to give up where HTTP/2 itself says that the runner
 * has processed nothing of the stream ({@link StreamRefusal}). What can't be told from a call that
 * began: one that was on the wire when its runner died.
 */
final class EngageSession extends ClientCall.Listener<RunnerMsg> {
  /** In the response headers, sent early: the runner has taken the call, no NACK will follow. */
  static final Metadata.Key<String> TAKEN =
      Metadata.Key.of("fn-taken", Metadata.ASCII_STRING_MARSHALLER);

  private static final Logger log = LoggerFactory.getLogger(EngageSession.class);
  private static final long CONNECTION_MILLIS = 5_000;
  private static final long END_OF_STREAM_MILLIS = 5_000;

  /** Half of what a stream takes before it is not ready any more. */
  private static final int MAX_OFFER_BYTES = 16 * 1024;

  private enum State {
    CONNECTING,
    OFFERED,
    STREAMING,
    FINISHED,
    OVER
  }

  private final String runner;
  private final ClientCall<Outbound<ClientMsg>, RunnerMsg> stream;
  private final RunnerChannel channel;
  private final RunnerCall call;
  private final CallContext attempt;
  private final Whole<ClientMsg> tryCall;
  private final RunnerClientStats stats;
  private final TryCompletion completion;
  private final ResponseSink sink;

  private State state = State.CONNECTING;
  private CallContext.@Nullable Registration cancellation;
  private @Nullable BodySender sender;
  private @Nullable TryResult finished;
  // Of the state, where it has a bound: at most one at a time.
  private @Nullable Future<?> timer;
  private boolean answered;
  private boolean outputSeen;
  private boolean waitingForSink;

  EngageSession(
      String runner,
      ClientCall<Outbound<ClientMsg>, RunnerMsg> stream,
      RunnerChannel channel,
      RunnerCall call,
      CallContext attempt,
      TryCall tryCall,
      RunnerClientStats stats,
      TryCompletion completion) {
    this.runner = runner;
    this.stream = stream;
    this.channel = channel;
    this.call = call;
    this.attempt = attempt;
    this.tryCall = new Whole<>(ClientMsg.newBuilder().setTry(tryCall).build());
    this.stats = stats;
    this.completion = completion;
    this.sink = call.response();
  }

  /** Begins. */
  void start(Metadata headers) {
    stream.start(this, headers);
    stream.request(1);
    CallContext.Registration registration = attempt.onCancel(this::onCancel);
    if (state == State.OVER) {
      registration.remove();
    } else {
      cancellation = registration;
      if (channel.isReady()
          && state == State.CONNECTING
          && tryCall.message().getSerializedSize()
              <= MAX_OFFER_BYTES - BodySender.MAX_FRAME_BYTES) {
        offerTryCall();
      }
      if (state == State.CONNECTING) {
        awaitConnection();
      }
    }
  }

  // A runner that hangs is connected to all the same, by its kernel: then nobody greets us.
  private void awaitConnection() {
    timer =
        call.eventLoop()
            .schedule(
                () ->
                    notPlaced("runner can't be reached: no connection within 5 s", "no connection"),
                CONNECTION_MILLIS,
                TimeUnit.MILLISECONDS);
  }

  private void notPlaced(String error, String why) {
    endNow(new TryResult.NotPlaced(new RunnerException(error)), why);
  }

  // On any thread.
  private void onCancel(CancelCause cause) {
    if (call.eventLoop().inEventLoop()) {
      abandon(cause);
    } else {
      call.eventLoop().execute(() -> abandon(cause));
    }
  }

  private void abandon(CancelCause cause) {
    boolean sent = state != State.CONNECTING;
    endNow(new TryResult.Abandoned(cause, sent), "attempt given up");
  }

  @Override
  public void onReady() {
    switch (state) {
      case CONNECTING -> sendTryCall();
      case OFFERED -> {
        taken();
        if (sender != null) {
          sender.pump();
        }
      }
      case STREAMING, FINISHED -> {
        if (sender != null) {
          sender.pump();
        }
      }
      case OVER -> {}
    }
  }

  private void offerTryCall() {
    BodySender first = openBody();
    if (first != null) {
      state = State.OFFERED;
      stream.sendMessage(tryCall);
      first.offer();
    }
  }

  private void sendTryCall() {
    cancelTimer();
    if (channel.isLeft()) {
      notPlaced("runner has closed the connection", "connection closed");
      return;
    }
    BodySender first = openBody();
    if (first != null) {
      state = State.STREAMING;
      stream.sendMessage(tryCall);
      first.pump();
    }
  }

  private @Nullable BodySender openBody() {
    try {
      BodySender opened = new BodySender(stream, call.requestBody(), this::bodyFailed);
      sender = opened;
      return opened;
    } catch (IllegalStateException e) {
      endNow(TryResult.failed(InvocationErrors.internal(e)), "request body can't be read");
      return null;
    }
  }

  // The runner has, or may have, the call.
  private void taken() {
    if (state == State.OFFERED) {
      state = State.STREAMING;
    }
  }

  // An early end must never look like the end of the body to the function: cut the stream instead.
  private void bodyFailed(Throwable cause) {
    Throwable error = cause instanceof FnException ? cause : InvocationErrors.internal(cause);
    endNow(TryResult.failed(error), "request body failed");
  }

  @Override
  public void onHeaders(Metadata headers) {
    taken();
    answered = true;
    if (state == State.STREAMING && "1".equals(headers.get(TAKEN))) {
      call.requestBody().commit();
    }
  }

  @Override
  public void onMessage(RunnerMsg message) {
    taken();
    switch (state) {
      case CONNECTING, OFFERED -> protocolError("message before the call was sent");
      case STREAMING -> {
        receive(message);
        demand();
      }
      case FINISHED -> protocolError("Purerunner missing EOF response");
      case OVER -> {}
    }
  }

  private void receive(RunnerMsg message) {
    switch (message.getBodyCase()) {
      case RESULT_START -> resultStart(message.getResultStart());
      case DATA -> data(message.getData().getData());
      case FINISHED -> callFinished(message.getFinished());
      case BODY_NOT_SET -> log.debug("runner {} sent a message of an unknown kind", runner);
    }
  }

  private void resultStart(CallResultStart start) {
    if (!start.hasHttp()) {
      log.debug("runner {} sent a result start of an unknown kind", runner);
      return;
    }
    HttpRespMeta meta = start.getHttp();
    int status = meta.getStatusCode() == 0 ? 200 : meta.getStatusCode();
    if (outputSeen || status < 100 || status > 599) {
      protocolError(outputSeen ? "second head of a response" : "response status " + status);
      return;
    }
    Headers headers = new Headers(meta.getHeadersCount());
    for (HttpHeader each : meta.getHeadersList()) {
      headers.add(each.getKey(), each.getValue());
    }
    head(status, headers);
  }

  private void head(int status, Headers headers) {
    outputSeen = true;
    call.requestBody().commit();
    sink.head(status, headers);
  }

  private void data(ByteString data) {
    if (!outputSeen) {
      head(200, new Headers());
    }
    if (!data.isEmpty()) {
      sink.data(Unpooled.wrappedBuffer(data.asReadOnlyByteBuffer()));
    }
  }

  private void callFinished(CallFinished message) {
    stats.finished(call.model(), message);
    if (message.getExecutionDuration() > 0) {
      call.addUserExecutionTime(Duration.ofNanos(message.getExecutionDuration()));
    }
    if (CallFinishedReader.isNoteworthy(message)) {
      LogIds.on(log.atWarn(), call.model())
          .addKeyValue("runner", runner)
          .addKeyValue("code", message.getErrorCode())
          .log("runner failed the call");
    }
    TryResult result = CallFinishedReader.read(message, outputSeen);
    if (state == State.OVER) {
      // The sink's owner gave up while it was being written to.
      return;
    }
    if (result instanceof TryResult.NotPlaced) {
      // Certainly not executed, whatever may follow: no need to wait for the end of the stream.
      endNow(result, "turned down");
      return;
    }
    finished = result;
    state = State.FINISHED;
    stopSending();
    call.eventLoop().execute(this::awaitEndOfStream);
  }

  // Most often the stream's end came along with CallFinished, and was read by now.
  private void awaitEndOfStream() {
    if (state == State.FINISHED) {
      timer =
          call.eventLoop()
              .schedule(
                  () -> protocolError("no end of stream after CallFinished"),
                  END_OF_STREAM_MILLIS,
                  TimeUnit.MILLISECONDS);
    }
  }

  private void demand() {
    switch (state) {
      case STREAMING -> {
        if (sink.isWritable()) {
          stream.request(1);
        } else if (!waitingForSink) {
          waitingForSink = true;
          sink.onWritable(this::sinkWritable);
        }
      }
      // Shows whether the stream ends as it should.
      case FINISHED -> stream.request(1);
      case CONNECTING, OFFERED, OVER -> {}
    }
  }

  private void sinkWritable() {
    if (waitingForSink && state != State.OVER) {
      waitingForSink = false;
      demand();
    }
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    switch (state) {
      case CONNECTING -> end(notReached(status));
      // At the deadline gRPC itself gives up, on a connection that goes on: what it was handed may
      // still leave.
      case OFFERED -> end(isLate() ? late() : notReached(status));
      case STREAMING -> end(closedEarly(status));
      case FINISHED -> {
        TryResult result = finished;
        end(
            status.isOk() && result != null
                ? result
                : internal("stream failed after CallFinished: " + status));
      }
      case OVER -> {}
    }
  }

  private boolean isLate() {
    return attempt.hasDeadline() && attempt.deadlineNanos() - System.nanoTime() <= 0;
  }

  private static TryResult late() {
    return new TryResult.Abandoned(CancelCause.DEADLINE, true);
  }

  private static TryResult notReached(Status status) {
    return new TryResult.NotPlaced(new RunnerException("runner can't be reached: " + status));
  }

  private TryResult closedEarly(Status status) {
    if (isLate()) {
      return late();
    }
    if (status.isOk()) {
      return internal("stream ended without CallFinished");
    }
    if (!answered && StreamRefusal.isMeantBy(status)) {
      return new TryResult.NotPlaced(new RunnerException("runner refused the stream: " + status));
    }
    // How a runner of other make says busy outside of CallFinished: gRPC code 503, which arrives
    // here as UNKNOWN.
    if (!outputSeen
        && status.getCode() == Status.Code.UNKNOWN
        && InvocationErrors.SERVER_BUSY_TEXT.equals(status.getDescription())) {
      return TryResult.busy();
    }
    return internal("stream failed: " + status);
  }

  private void protocolError(String what) {
    endNow(internal(what), what);
  }

  private TryResult internal(String what) {
    return TryResult.failed(
        InvocationErrors.internal(new RunnerException("runner " + runner + ": " + what)));
  }

  /** Ends this attempt and resets the stream, which may be in any state. */
  private void endNow(TryResult result, String why) {
    if (state != State.OVER) {
      // First, so that what the reset itself reports falls on deaf ears.
      state = State.OVER;
      stream.cancel(why, null);
      end(result);
    }
  }

  private void end(TryResult result) {
    state = State.OVER;
    stopSending();
    if (cancellation != null) {
      cancellation.remove();
    }
    cancelTimer();
    completion.done(result);
  }

  private void cancelTimer() {
    Future<?> running = timer;
    if (running != null) {
      timer = null;
      running.cancel(false);
    }
  }

  private void stopSending() {
    if (sender != null) {
      sender.stop();
    }
  }
}
