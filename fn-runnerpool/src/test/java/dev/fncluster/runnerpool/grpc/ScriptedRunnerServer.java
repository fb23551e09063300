package dev.fncluster.runnerpool.grpc;

import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.proto.RunnerProtocolGrpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A real gRPC server whose sessions do what a test tells them. */
public final class ScriptedRunnerServer implements AutoCloseable {
  /** What a session does; runs on the session's thread. */
  public interface Script {
    /** A session was opened. */
    default void opened(ServerCall<ClientMsg, RunnerMsg> stream) {
      stream.request(1);
    }

    /** A message came. */
    void message(ServerCall<ClientMsg, RunnerMsg> stream, ClientMsg message);
  }

  private final Server server;
  private final int port;
  private final boolean forgetful;

  /** All messages of all sessions. */
  public final List<ClientMsg> messages = new CopyOnWriteArrayList<>();

  /** How many sessions were opened. */
  public final AtomicInteger sessions = new AtomicInteger();

  final AtomicInteger halfClosed = new AtomicInteger();

  /** How many sessions were reset. */
  public final AtomicInteger cancelled = new AtomicInteger();

  volatile Metadata lastHeaders = new Metadata();

  private ScriptedRunnerServer(int wantedPort, Script script, boolean forgetful, int callsAtOnce)
      throws IOException {
    this.forgetful = forgetful;
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("RunnerProtocol")
            .addMethod(RunnerProtocolGrpc.getEngageMethod(), new Handler(script))
            .build();
    server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), wantedPort))
            .addService(service)
            .maxConcurrentCallsPerConnection(callsAtOnce)
            .intercept(
                new ServerInterceptor() {
                  @Override
                  public <Q, R> ServerCall.Listener<Q> interceptCall(
                      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                    lastHeaders = headers;
                    return next.startCall(call, headers);
                  }
                })
            .permitKeepAliveWithoutCalls(true)
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .build()
            .start();
    this.port = server.getPort();
  }

  /** A server on a free port. */
  public static ScriptedRunnerServer start(Script script) throws IOException {
    return new ScriptedRunnerServer(0, script, false, Integer.MAX_VALUE);
  }

  /** A server that does not keep the messages that come, for more of them than memory holds. */
  public static ScriptedRunnerServer forgetful(Script script) throws IOException {
    return new ScriptedRunnerServer(0, script, true, Integer.MAX_VALUE);
  }

  static ScriptedRunnerServer startOn(int port, Script script) throws IOException {
    return new ScriptedRunnerServer(port, script, false, Integer.MAX_VALUE);
  }

  /** A server that takes one call at a time of each connection. */
  static ScriptedRunnerServer oneAtATime(Script script) throws IOException {
    return new ScriptedRunnerServer(0, script, false, 1);
  }

  /** Where it listens. */
  public int port() {
    return port;
  }

  /** The data frames that came. */
  public List<byte[]> frames() {
    return messages.stream()
        .filter(ClientMsg::hasData)
        .map(message -> message.getData().getData().toByteArray())
        .toList();
  }

  @Override
  public void close() throws InterruptedException {
    server.shutdownNow();
    server.awaitTermination(10, TimeUnit.SECONDS);
  }

  private final class Handler implements ServerCallHandler<ClientMsg, RunnerMsg> {
    private final Script script;

    Handler(Script script) {
      this.script = script;
    }

    @Override
    public ServerCall.Listener<ClientMsg> startCall(
        ServerCall<ClientMsg, RunnerMsg> stream, Metadata headers) {
      sessions.incrementAndGet();
      script.opened(stream);
      return new ServerCall.Listener<>() {
        @Override
        public void onMessage(ClientMsg message) {
          if (!forgetful) {
            messages.add(message);
          }
          script.message(stream, message);
        }

        @Override
        public void onHalfClose() {
          halfClosed.incrementAndGet();
        }

        @Override
        public void onCancel() {
          cancelled.incrementAndGet();
        }
      };
    }
  }
}
