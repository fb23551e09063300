package dev.fncluster.runner.engage;

import com.google.protobuf.ByteString;
import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.call.LogIds;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.CallReader;
import dev.fncluster.api.model.CallType;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.trace.CallTrace;
import dev.fncluster.proto.CallResultStart;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.DataFrame;
import dev.fncluster.proto.HttpHeader;
import dev.fncluster.proto.HttpRespMeta;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.proto.TryCall;
import dev.fncluster.wire.Outbound;
import dev.fncluster.wire.Piece;
import dev.fncluster.wire.Whole;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.opentelemetry.api.trace.StatusCode;
import java.time.Clock;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Confined to the event loop of its stream: the runner's side of one call's protocol.
 *
 * <pre>
 *   WAIT_TRY ──try──▶ STREAMING ──eof──▶ WAIT_DONE
 *      └─────────────────┴──────────────────┴──────▶ CLOSED
 * </pre>
 *
 * <p>A message is asked for only when somebody wants it, so that a slow function slows its client
 * down; what the function sends waits while the stream is not ready.
 */
final class EngageSession extends ServerCall.Listener<ClientMsg> {
  /** Sent with the response headers once the call can't go to another runner any more. */
  static final Metadata.Key<String> TAKEN =
      Metadata.Key.of("fn-taken", Metadata.ASCII_STRING_MARSHALLER);

  /** The most bytes of an answer in one message. */
  static final int MAX_FRAME = 10_240;

  private static final Logger log = LoggerFactory.getLogger(EngageSession.class);
  private static final String EXPECTED_TRY = "Protocol failure: expected ClientMsg_Try";
  private static final String EXPECTED_DATA = "Protocol failure: expected ClientMsg_Data";

  private enum State {
    WAIT_TRY,
    STREAMING,
    WAIT_DONE,
    CLOSED
  }

  private final ServerCall<ClientMsg, Outbound<RunnerMsg>> stream;
  private final EventLoop loop;
  private final CallReader reader;
  private final CallAgent agent;
  private final RunnerCounters counters;
  private final Clock clock;
  private final SessionRules rules;
  private final Context grpcContext = Context.current();
  private final CallContext context;
  private final CallTrace trace;
  private final String requestId;

  private State state = State.WAIT_TRY;
  private @Nullable Call call;
  private @Nullable TryCall tryCall;
  private boolean submitted;
  private boolean headersSent;
  private final StreamedBody body = new StreamedBody();
  private final Answer answer = new Answer();

  /**
   * A session that has just begun.
   *
   * @param requestId by which the client of the load balancer knows its request; empty for none
   */
  EngageSession(
      ServerCall<ClientMsg, Outbound<RunnerMsg>> stream,
      String requestId,
      EventLoop loop,
      CallReader reader,
      CallAgent agent,
      RunnerCounters counters,
      Clock clock,
      SessionRules rules) {
    this.stream = stream;
    this.requestId = requestId;
    this.loop = loop;
    this.reader = reader;
    this.agent = agent;
    this.counters = counters;
    this.clock = clock;
    this.rules = rules;
    Deadline deadline = grpcContext.getDeadline();
    context =
        deadline == null
            ? CallContext.create()
            : CallContext.withDeadline(
                System.nanoTime() + deadline.timeRemaining(TimeUnit.NANOSECONDS));
    trace = TraceInterceptor.of(grpcContext);
    counters.began();
  }

  /** Asks for the first message. */
  void begin() {
    stream.request(1);
  }

  // What the client sends.

  @Override
  public void onMessage(ClientMsg message) {
    switch (state) {
      case WAIT_TRY -> {
        if (message.getBodyCase() == ClientMsg.BodyCase.TRY) {
          tried(message.getTry());
        } else {
          protocolFailure(EXPECTED_TRY);
        }
      }
      case STREAMING -> {
        if (message.getBodyCase() == ClientMsg.BodyCase.DATA) {
          received(message.getData());
        } else {
          protocolFailure(EXPECTED_DATA);
        }
      }
      case WAIT_DONE, CLOSED -> {
        // Whatever follows the end of the body means nothing.
      }
    }
  }

  @Override
  public void onHalfClose() {
    switch (state) {
      case WAIT_TRY -> protocolFailure(EXPECTED_TRY);
      case STREAMING -> protocolFailure(EXPECTED_DATA);
      case WAIT_DONE, CLOSED -> {
        // The client has nothing more to say, and need not.
      }
    }
  }

  @Override
  public void onCancel() {
    Deadline deadline = grpcContext.getDeadline();
    boolean late = deadline != null && deadline.isExpired();
    close();
    context.cancel(late ? CancelCause.DEADLINE : CancelCause.CLIENT_GONE);
  }

  @Override
  public void onComplete() {
    if (state != State.CLOSED) {
      // gRPC has ended the stream itself, because of a message that is none.
      close();
      context.cancel(CancelCause.CLIENT_GONE);
    }
  }

  @Override
  public void onReady() {
    answer.ready();
  }

  private void tried(TryCall message) {
    Call read;
    try {
      read = reader.read(message.getModelsCallJson(), message.getSlotHashId());
      if (!message.getSlotHashId().isEmpty()) {
        byte[] unused = HexFormat.of().parseHex(message.getSlotHashId());
      }
    } catch (IllegalArgumentException e) {
      finish(new ServiceException(500, String.valueOf(e.getMessage()), e));
      return;
    }
    call =
        read.requestId(requestId)
            .trace(trace.about(read.id(), read.fnId(), read.appId()).ofRequest(requestId));
    if (rules.isReserved(read.image())) {
      finish(InvocationErrors.invalidImage());
      return;
    }
    // These are the load balancer's; the runner's are its agent's to set.
    read.createdAt(null).startedAt(null).completedAt(null);
    try {
      RequestLineCheck.check(read);
    } catch (IllegalArgumentException e) {
      finish(new ServiceException(500, String.valueOf(e.getMessage()), e));
      return;
    }
    if (read.type() == CallType.DETACHED && !rules.detachedCalls()) {
      finish(InvocationErrors.detachUnsupported());
      return;
    }
    tryCall = message;
    state = State.STREAMING;
    // The first piece of the body has most often come together with this message. The call goes
    // on with it, or without it once all that has come was read.
    stream.request(1);
    body.asked = true;
    loop.execute(this::submit);
  }

  private void received(DataFrame frame) {
    body.asked = false;
    if (frame.getEof()) {
      state = State.WAIT_DONE;
    }
    body.received(frame);
    submit();
  }

  private void submit() {
    TryCall message = tryCall;
    Call made = call;
    if (submitted || state == State.CLOSED || message == null || made == null) {
      return;
    }
    submitted = true;
    agent.submit(
        new Invocation(
            made, message.getSlotHashId(), message.getExtensionsMap(), body, answer, context, loop),
        this::finish);
  }

  // What the runner answers.

  private void finish(@Nullable Throwable failure) {
    if (state == State.CLOSED) {
      return;
    }
    if (failure != null) {
      logFailure(failure);
      trace.whole().setStatus(StatusCode.ERROR);
    }
    Outbound<RunnerMsg> finished =
        whole(RunnerMsg.newBuilder().setFinished(CallFinishedMessages.of(call, failure, clock)));
    sendHeaders(false);
    send(finished);
    close();
    stream.close(Status.OK, new Metadata());
  }

  private void logFailure(Throwable failure) {
    boolean known = failure instanceof FnException;
    if (known && failure.getCause() == null) {
      return;
    }
    LoggingEventBuilder line = known ? log.atInfo() : log.atError();
    Call about = call;
    (about == null ? line : LogIds.on(line, about)).setCause(failure).log("A call failed");
  }

  private void protocolFailure(String text) {
    close();
    context.cancel(CancelCause.CLIENT_GONE);
    stream.close(Status.UNKNOWN.withDescription(text), new Metadata());
  }

  private void close() {
    if (state != State.CLOSED) {
      state = State.CLOSED;
      body.close();
      trace.whole().end();
      counters.ended();
    }
  }

  private void sendHeaders(boolean taken) {
    if (!headersSent) {
      headersSent = true;
      Metadata headers = new Metadata();
      if (taken) {
        headers.put(TAKEN, "1");
      }
      stream.sendHeaders(headers);
    }
  }

  private void sendHead(int status, @Nullable Headers headers) {
    HttpRespMeta.Builder meta = HttpRespMeta.newBuilder().setStatusCode(status);
    if (headers != null) {
      headers.forEach(
          (name, value) -> meta.addHeaders(HttpHeader.newBuilder().setKey(name).setValue(value)));
    }
    sendHeaders(false);
    send(whole(RunnerMsg.newBuilder().setResultStart(CallResultStart.newBuilder().setHttp(meta))));
  }

  private static Outbound<RunnerMsg> whole(RunnerMsg.Builder message) {
    return new Whole<>(message.build());
  }

  private void send(Outbound<RunnerMsg> message) {
    boolean sent = false;
    try {
      stream.sendMessage(message);
      sent = true;
    } finally {
      if (!sent) {
        // Out of memory: gRPC has closed the stream, and takes nothing more.
        close();
        context.cancel(CancelCause.CLIENT_GONE);
      }
    }
  }

  private boolean isDetached() {
    return call != null && call.type() == CallType.DETACHED;
  }

  /** The request body as it comes: one frame at most is held back, and nothing is kept. */
  private final class StreamedBody implements RequestBody {
    private @Nullable DataFrame held;
    private @Nullable BodyConsumer consumer;
    private boolean opened;
    private boolean wanted;
    private boolean asked;
    private boolean committed;

    @Override
    public long length() {
      DataFrame first = held;
      return !opened && first != null && first.getEof() ? first.getData().size() : -1;
    }

    @Override
    public BodyReader open(BodyConsumer to) {
      if (opened) {
        throw new IllegalStateException("the body of a stream is read once");
      }
      opened = true;
      consumer = to;
      return new BodyReader() {
        @Override
        public void request() {
          wanted = true;
          deliver();
        }

        @Override
        public void cancel() {
          consumer = null;
          held = null;
        }
      };
    }

    private void received(DataFrame frame) {
      held = frame;
      deliver();
    }

    private void deliver() {
      BodyConsumer to = consumer;
      DataFrame frame = held;
      if (!wanted || to == null) {
        return;
      }
      if (frame == null) {
        if (!asked && state == State.STREAMING) {
          asked = true;
          stream.request(1);
        }
        return;
      }
      wanted = false;
      held = null;
      ByteString data = frame.getData();
      to.chunk(
          data.isEmpty()
              ? Unpooled.EMPTY_BUFFER
              : Unpooled.wrappedBuffer(data.asReadOnlyByteBuffer()),
          frame.getEof());
    }

    @Override
    public boolean isReplayable() {
      return !opened && !committed;
    }

    @Override
    public void commit() {
      if (committed || state == State.CLOSED) {
        return;
      }
      committed = true;
      if (isDetached()) {
        sendHead(202, null);
      } else if (state == State.STREAMING) {
        // The client may drop what it keeps for another runner.
        sendHeaders(true);
      }
    }

    @Override
    public void close() {
      consumer = null;
      held = null;
    }
  }

  private final class Answer implements ResponseSink {
    private boolean headWritten;
    private @Nullable Runnable onWritable;

    @Override
    public void head(int status, Headers headers) {
      headWritten = true;
      if (state != State.CLOSED && !isDetached()) {
        sendHead(status, headers);
      }
    }

    @Override
    public boolean isHeadWritten() {
      return headWritten;
    }

    @Override
    public void data(ByteBuf chunk) {
      try {
        if (state == State.CLOSED || isDetached()) {
          return;
        }
        while (chunk.isReadable()) {
          int length = Math.min(MAX_FRAME, chunk.readableBytes());
          Piece<RunnerMsg> piece = new Piece<>(chunk, length, false);
          send(piece);
          piece.letGo();
          chunk.skipBytes(length);
        }
      } finally {
        chunk.release();
      }
    }

    @Override
    public boolean isWritable() {
      return state == State.CLOSED || isDetached() || stream.isReady();
    }

    @Override
    public void onWritable(Runnable listener) {
      onWritable = listener;
    }

    private void ready() {
      Runnable listener = onWritable;
      if (listener != null && state != State.CLOSED) {
        listener.run();
      }
    }
  }
}
