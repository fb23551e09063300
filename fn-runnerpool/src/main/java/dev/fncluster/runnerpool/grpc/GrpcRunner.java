package dev.fncluster.runnerpool.grpc;

import com.google.protobuf.Empty;
import com.google.protobuf.Struct;
import com.google.protobuf.UnsafeByteOperations;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.CallJson;
import dev.fncluster.api.trace.CallTrace;
import dev.fncluster.api.trace.TraceBinary;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.proto.RunnerProtocolGrpc;
import dev.fncluster.proto.TryCall;
import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerAddress;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerStatus;
import dev.fncluster.runnerpool.SessionGroup;
import dev.fncluster.runnerpool.TryCompletion;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.wire.Outbound;
import dev.fncluster.wire.OutboundMarshaller;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A runner in another process. Every event loop has a connection of its own to it, made when the
 * loop first needs it, so that a call stays on its loop. Thread-safe.
 */
public final class GrpcRunner implements Runner {
  static final MethodDescriptor<Outbound<ClientMsg>, RunnerMsg> ENGAGE =
      RunnerProtocolGrpc.getEngageMethod().toBuilder(
              new OutboundMarshaller<>(RunnerProtocolGrpc.getEngageMethod().getRequestMarshaller()),
              RunnerProtocolGrpc.getEngageMethod().getResponseMarshaller())
          .build();
  private static final Metadata.Key<String> REQUEST_ID =
      Metadata.Key.of("fn_request_id", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<byte[]> TRACE =
      Metadata.Key.of("grpc-trace-bin", Metadata.BINARY_BYTE_MARSHALLER);
  private static final Duration STATUS_LIMIT = Duration.ofSeconds(60);
  private static final Duration QUESTIONS_END = Duration.ofSeconds(5);

  private final RunnerAddress address;
  private final String name;
  private final EventLoops loops;
  private final ChannelSecurity security;
  private final ConnectionRules rules;
  private final RunnerClientStats stats;
  private final Map<EventLoop, RunnerChannel> channels = new ConcurrentHashMap<>();
  private final SessionGroup sessions = new SessionGroup();
  // Apart from calls: nobody waits for them, and they are no load.
  private final SessionGroup questions = new SessionGroup();

  /** The runner at {@code address}, with connections on {@code loops}. Does not connect yet. */
  public GrpcRunner(
      RunnerAddress address, EventLoops loops, ChannelSecurity security, RunnerClientStats stats) {
    this(address, loops, security, ConnectionRules.defaults(), stats);
  }

  /** The same, with connections that are kept by {@code rules}. */
  public GrpcRunner(
      RunnerAddress address,
      EventLoops loops,
      ChannelSecurity security,
      ConnectionRules rules,
      RunnerClientStats stats) {
    this.address = address;
    this.name = address.toString();
    this.loops = loops;
    this.security = security;
    this.rules = rules;
    this.stats = stats;
  }

  @Override
  public String address() {
    return name;
  }

  @Override
  public int callsUnderWay() {
    return sessions.size();
  }

  @Override
  public void tryExec(RunnerCall call, CallContext attempt, TryCompletion completion) {
    CancelCause cause = attempt.cause();
    if (cause != null) {
      completion.done(new TryResult.Abandoned(cause, false));
      return;
    }
    if (!sessions.enter()) {
      completion.done(new TryResult.NotPlaced(new RunnerException("Runner is closed")));
      return;
    }
    TryCompletion leaving =
        result -> {
          sessions.leave();
          completion.done(result);
        };
    TryCall message;
    try {
      message =
          TryCall.newBuilder()
              .setModelsCallJsonBytes(
                  UnsafeByteOperations.unsafeWrap(CallJson.writeBytes(call.model())))
              .setSlotHashId(call.slotHashId())
              .putAllExtensions(call.extensions())
              .build();
    } catch (RuntimeException e) {
      // Overriders can put anything into a model; no other runner could be sent this one either.
      leaving.done(TryResult.failed(InvocationErrors.internal(e)));
      return;
    }
    RunnerChannel channel;
    try {
      channel = channel(call.eventLoop());
    } catch (RuntimeException e) {
      leaving.done(new TryResult.NotPlaced(noChannel(e)));
      return;
    }
    if (channel.isLeft()) {
      leaving.done(
          new TryResult.NotPlaced(new RunnerException("runner has closed the connection")));
      return;
    }
    ClientCall<Outbound<ClientMsg>, RunnerMsg> stream =
        channel.grpc().newCall(ENGAGE, options(attempt));
    new EngageSession(name, stream, channel, call, attempt, message, stats, leaving)
        .start(headers(call));
  }

  private static CallOptions options(CallContext attempt) {
    return attempt.hasDeadline()
        ? CallOptions.DEFAULT.withDeadlineAfter(
            attempt.deadlineNanos() - System.nanoTime(), TimeUnit.NANOSECONDS)
        : CallOptions.DEFAULT;
  }

  private static Metadata headers(RunnerCall call) {
    Metadata headers = new Metadata();
    String requestId = call.requestId();
    if (!requestId.isEmpty()) {
      headers.put(REQUEST_ID, requestId);
    }
    CallTrace trace = call.model().trace();
    if (trace.isOn()) {
      trace.write((name, value) ->
          headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
      headers.put(TRACE, TraceBinary.write(trace.innermost()));
    }
    return headers;
  }

  private RunnerChannel channel(EventLoop loop) {
    RunnerChannel known = channels.get(loop);
    return known != null
        ? known
        : channels.computeIfAbsent(
            loop,
            key -> RunnerChannel.open(address, loops, key, security, rules, stats.interceptor()));
  }

  // For instance because the program that brings TLS towards runners has none to give just now.
  private static RunnerException noChannel(RuntimeException cause) {
    return new RunnerException("no channel can be made: " + cause);
  }

  @Override
  public CompletionStage<RunnerStatus> status() {
    CompletableFuture<RunnerStatus> answer = new CompletableFuture<>();
    if (!questions.enter()) {
      answer.completeExceptionally(new RunnerException("Runner is closed"));
      return answer;
    }
    answer.whenComplete((status, failure) -> questions.leave());
    EventLoop current = EventLoops.current();
    EventLoop loop = current != null ? current : loops.loops().get(0);
    ManagedChannel channel;
    try {
      channel = channel(loop).grpc();
    } catch (RuntimeException e) {
      answer.completeExceptionally(noChannel(e));
      return answer;
    }
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(STATUS_LIMIT);
    // Runners of old know the first form of the question only.
    Runnable asOfOld =
        () ->
            ClientCalls.asyncUnaryCall(
                channel.newCall(statusOfOld(), options),
                Empty.getDefaultInstance(),
                new StatusObserver(answer, null));
    ClientCalls.asyncUnaryCall(
        channel.newCall(RunnerProtocolGrpc.getStatus2Method(), options),
        Struct.getDefaultInstance(),
        new StatusObserver(answer, asOfOld));
    return answer;
  }

  @SuppressWarnings("deprecation")
  private static MethodDescriptor<Empty, dev.fncluster.proto.RunnerStatus> statusOfOld() {
    return RunnerProtocolGrpc.getStatusMethod();
  }

  @Override
  public void close(Duration grace) throws InterruptedException {
    sessions.close();
    try {
      sessions.awaitEmpty(grace);
    } finally {
      questions.close();
      closeChannels();
    }
    if (questions.awaitEmpty(QUESTIONS_END)) {
      // One of them may have opened another.
      closeChannels();
    }
  }

  private void closeChannels() throws InterruptedException {
    for (RunnerChannel each : channels.values()) {
      each.close();
    }
  }

  @Override
  public String toString() {
    return "GrpcRunner[" + name + "]";
  }

  private record StatusObserver(
      CompletableFuture<RunnerStatus> answer, @Nullable Runnable ifUnknown)
      implements StreamObserver<dev.fncluster.proto.RunnerStatus> {
    @Override
    public void onNext(dev.fncluster.proto.RunnerStatus message) {
      answer.complete(StatusReader.read(message));
    }

    @Override
    public void onError(@Nullable Throwable cause) {
      Runnable other = ifUnknown;
      if (other != null
          && cause != null
          && Status.fromThrowable(cause).getCode() == Status.Code.UNIMPLEMENTED) {
        other.run();
        return;
      }
      answer.completeExceptionally(new RunnerException("no status: " + cause));
    }

    @Override
    public void onCompleted() {
      answer.completeExceptionally(new RunnerException("no status: empty answer"));
    }
  }
}
