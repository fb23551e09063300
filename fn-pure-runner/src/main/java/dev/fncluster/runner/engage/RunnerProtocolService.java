package dev.fncluster.runner.engage;

import com.google.protobuf.Empty;
import com.google.protobuf.Struct;
import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.ConfigMsg;
import dev.fncluster.proto.ConfigStatus;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.proto.RunnerProtocolGrpc;
import dev.fncluster.proto.RunnerStatus;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoop;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service of a pure runner. Must run with a direct executor on a server whose transport lives
 * on {@link EventLoops}: calls stay on the loop of their stream.
 */
public final class RunnerProtocolService implements BindableService {
  private static final Logger log = LoggerFactory.getLogger(RunnerProtocolService.class);

  private final CallAgent agent;
  private final Clock clock;
  private final boolean detachedCalls;
  private final RunnerCounters counters = new RunnerCounters();

  /**
   * A service that hands calls to {@code agent}.
   *
   * @param detachedCalls whether calls are taken whose callers don't wait
   */
  public RunnerProtocolService(CallAgent agent, Clock clock, boolean detachedCalls) {
    this.agent = agent;
    this.clock = clock;
    this.detachedCalls = detachedCalls;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(RunnerProtocolGrpc.getServiceDescriptor())
        .addMethod(RunnerProtocolGrpc.getEngageMethod(), new Engage())
        .addMethod(
            RunnerProtocolGrpc.getStatusMethod(),
            ServerCalls.asyncUnaryCall(
                (Empty request, StreamObserver<RunnerStatus> out) -> answerStatus(out)))
        .addMethod(
            RunnerProtocolGrpc.getStatus2Method(),
            ServerCalls.asyncUnaryCall(
                (Struct request, StreamObserver<RunnerStatus> out) -> answerStatus(out)))
        .addMethod(
            RunnerProtocolGrpc.getConfigureRunnerMethod(),
            ServerCalls.asyncUnaryCall(RunnerProtocolService::configure))
        .addMethod(
            RunnerProtocolGrpc.getStreamLogsMethod(),
            (stream, headers) -> {
              stream.close(
                  Status.UNKNOWN.withDescription("runner not configured with logStreamer"),
                  new Metadata());
              return new ServerCall.Listener<>() {};
            })
        .build();
  }

  private void answerStatus(StreamObserver<RunnerStatus> out) {
    out.onNext(
        RunnerStatus.newBuilder()
            .setActive(counters.active())
            .setRequestsReceived(counters.received())
            .setRequestsHandled(counters.handled())
            .build());
    out.onCompleted();
  }

  private static void configure(ConfigMsg request, StreamObserver<ConfigStatus> out) {
    log.warn("ConfigureRunner was called, but this runner has no handler for it");
    out.onNext(ConfigStatus.getDefaultInstance());
    out.onCompleted();
  }

  private final class Engage implements ServerCallHandler<ClientMsg, RunnerMsg> {
    @Override
    public ServerCall.Listener<ClientMsg> startCall(
        ServerCall<ClientMsg, RunnerMsg> stream, Metadata headers) {
      EventLoop loop = EventLoops.current();
      if (loop == null) {
        throw new IllegalStateException("Engage must be served on an event loop of the node");
      }
      EngageSession session =
          new EngageSession(stream, loop, agent, counters, clock, detachedCalls);
      session.begin();
      return session;
    }
  }
}
