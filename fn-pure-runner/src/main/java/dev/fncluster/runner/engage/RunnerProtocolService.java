package dev.fncluster.runner.engage;

import com.google.protobuf.Empty;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.CallReader;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.Subject;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.LogRequestMsg;
import dev.fncluster.proto.LogResponseMsg;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.proto.RunnerProtocolGrpc;
import dev.fncluster.proto.RunnerStatus;
import dev.fncluster.runner.logs.LogStreamer;
import dev.fncluster.runner.status.StatusProbe;
import dev.fncluster.wire.Outbound;
import dev.fncluster.wire.OutboundMarshaller;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoop;
import java.time.Clock;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The service of a pure runner. Must run with a direct executor on a server whose transport lives
 * on {@link EventLoops}: calls stay on the loop of their stream.
 */
public final class RunnerProtocolService implements BindableService {
  private static final String NO_INPUT = "{}";
  private static final MethodDescriptor<ClientMsg, Outbound<RunnerMsg>> ENGAGE =
      RunnerProtocolGrpc.getEngageMethod().toBuilder(
              RunnerProtocolGrpc.getEngageMethod().getRequestMarshaller(),
              new OutboundMarshaller<>(
                  RunnerProtocolGrpc.getEngageMethod().getResponseMarshaller()))
          .build();
  private static final Metadata.Key<String> REQUEST_ID =
      Metadata.Key.of("fn_request_id", Metadata.ASCII_STRING_MARSHALLER);

  private final CallReader reader = new CallReader();
  private final CallAgent agent;
  private final Clock clock;
  private final SessionRules rules;
  private final StatusProbe probe;
  private final LongSupplier kernelDumps;
  private final Configuration configuration;
  private final @Nullable LogStreamer logStreamer;
  private final RunnerCounters counters = new RunnerCounters();

  /**
   * A service that hands calls to {@code agent}.
   *
   * @param probe what is asked for the status
   * @param kernelDumps how many crash dumps of the kernel there are; must not block for long
   * @param logStreamer serves log collectors; null for a runner that does not
   */
  public RunnerProtocolService(
      CallAgent agent,
      Clock clock,
      SessionRules rules,
      StatusProbe probe,
      LongSupplier kernelDumps,
      Configuration configuration,
      @Nullable LogStreamer logStreamer) {
    this.agent = agent;
    this.clock = clock;
    this.rules = rules;
    this.probe = probe;
    this.kernelDumps = kernelDumps;
    this.configuration = configuration;
    this.logStreamer = logStreamer;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(RunnerProtocolGrpc.SERVICE_NAME)
        .addMethod(ENGAGE, new Engage())
        .addMethod(
            RunnerProtocolGrpc.getStatusMethod(),
            ServerCalls.asyncUnaryCall(
                (Empty request, StreamObserver<RunnerStatus> out) -> answerStatus(NO_INPUT, out)))
        .addMethod(
            RunnerProtocolGrpc.getStatus2Method(),
            ServerCalls.asyncUnaryCall(
                (Struct request, StreamObserver<RunnerStatus> out) -> answerStatus(request, out)))
        .addMethod(
            RunnerProtocolGrpc.getConfigureRunnerMethod(),
            ServerCalls.asyncUnaryCall(configuration::configure))
        .addMethod(RunnerProtocolGrpc.getStreamLogsMethod(), streamLogs())
        .build();
  }

  private ServerCallHandler<LogRequestMsg, LogResponseMsg> streamLogs() {
    LogStreamer streamer = logStreamer;
    if (streamer != null) {
      return ServerCalls.asyncBidiStreamingCall(
          out -> open(streamer, (ServerCallStreamObserver<LogResponseMsg>) out));
    }
    return (stream, headers) -> {
      stream.close(
          Status.UNKNOWN.withDescription("runner not configured with logStreamer"), new Metadata());
      return new ServerCall.Listener<>() {};
    };
  }

  private static StreamObserver<LogRequestMsg> open(
      LogStreamer streamer, ServerCallStreamObserver<LogResponseMsg> out) {
    try {
      return Objects.requireNonNull(streamer.open(out), "it returned null");
    } catch (Throwable failure) {
      FnException told = ExtensionRunner.told(streamer, Subject.NONE, failure);
      out.onError(Status.INTERNAL.withDescription(told.publicMessage()).asRuntimeException());
      return new IgnoredMessages<>();
    }
  }

  /** Of a stream that was refused. */
  private static final class IgnoredMessages<T> implements StreamObserver<T> {
    @Override
    public void onNext(T message) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }

  private void answerStatus(Struct input, StreamObserver<RunnerStatus> out) {
    String json;
    try {
      json = JsonFormat.printer().omittingInsignificantWhitespace().print(input);
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      // A value without a kind, or a number that JSON has no word for.
      out.onError(
          Status.INVALID_ARGUMENT
              .withDescription("the input can't be written as JSON: " + e.getMessage())
              .asRuntimeException());
      return;
    }
    answerStatus(json, out);
  }

  private void answerStatus(String input, StreamObserver<RunnerStatus> out) {
    ServerCallStreamObserver<RunnerStatus> answer = (ServerCallStreamObserver<RunnerStatus>) out;
    // Who leaves before there is an answer is no error, and does not end the probe.
    answer.setOnCancelHandler(() -> {});
    var unused = probe.probe(input).thenAccept(found -> answerStatus(found, answer));
  }

  private void answerStatus(RunnerStatus found, ServerCallStreamObserver<RunnerStatus> out) {
    if (out.isCancelled()) {
      return;
    }
    out.onNext(
        found.toBuilder()
            .setActive(counters.active())
            .setRequestsReceived(counters.received())
            .setRequestsHandled(counters.handled())
            .setKdumpsOnDisk(kernelDumps.getAsLong())
            .build());
    out.onCompleted();
  }

  private final class Engage implements ServerCallHandler<ClientMsg, Outbound<RunnerMsg>> {
    @Override
    public ServerCall.Listener<ClientMsg> startCall(
        ServerCall<ClientMsg, Outbound<RunnerMsg>> stream, Metadata headers) {
      EventLoop loop = EventLoops.current();
      if (loop == null) {
        throw new IllegalStateException("Engage must be served on an event loop of the node");
      }
      String requestId = Objects.requireNonNullElse(headers.get(REQUEST_ID), "");
      EngageSession session =
          new EngageSession(stream, requestId, loop, reader, agent, counters, clock, rules);
      session.begin();
      return session;
    }
  }
}
