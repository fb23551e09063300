package dev.fncluster.runner.engage;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.CallJson;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.proto.CallFinished;
import dev.fncluster.proto.CallResultStart;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.DataFrame;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.proto.RunnerProtocolGrpc;
import dev.fncluster.proto.RunnerStatus;
import dev.fncluster.proto.TryCall;
import dev.fncluster.runner.FakeDriver;
import dev.fncluster.runner.RunnerAgent;
import dev.fncluster.runner.RunnerSettings;
import dev.fncluster.runner.RunnerViews;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.stats.ViewRegistry;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A runner with functions of this process, and load balancers that speak to it by hand. */
final class EngageRig implements AutoCloseable {
  /** The memory of the runner: eight functions of 128 MiB. */
  static final ResourceAmount ROOM = new ResourceAmount(1L << 30, 4000);

  private static final Duration GRACE = Duration.ofSeconds(5);

  private final FakeDriver driver = new FakeDriver().startDelay(Duration.ofMillis(5));
  private final EventLoops loops = EventLoops.create(1, "runner-loop");
  private final RunnerAgent agent;
  private final RunnerServer server;
  private final ManagedChannel channel;

  EngageRig(Map<String, String> environment) throws IOException {
    this(environment, TestServices.RULES);
  }

  EngageRig(Map<String, String> environment, SessionRules rules) throws IOException {
    ViewRegistry registry = new ViewRegistry(new SimpleMeterRegistry());
    registry.register(RunnerViews.all());
    agent =
        new RunnerAgent(
            loops,
            RunnerSettings.from(Settings.of(environment)),
            driver,
            ROOM,
            registry,
            new IdGenerator(1, System::currentTimeMillis),
            Clock.systemUTC());
    server =
        RunnerServer.start(
            loops, new InetSocketAddress(0), null, TestServices.of(agent, rules, null));
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  }

  FakeDriver driver() {
    return driver;
  }

  RunnerAgent agent() {
    return agent;
  }

  ManagedChannel channel() {
    return channel;
  }

  RunnerStatus status() {
    return RunnerProtocolGrpc.newBlockingStub(channel)
        .withDeadlineAfter(60, TimeUnit.SECONDS)
        .status(Empty.getDefaultInstance());
  }

  /** Opens a stream. */
  Session session() {
    return new Session(CallOptions.DEFAULT, 100_000);
  }

  /** Opens a stream whose answers are read as {@link Session#read} says, with options. */
  Session session(CallOptions options, int messages) {
    return new Session(options, messages);
  }

  @Override
  public void close() throws Exception {
    channel.shutdownNow();
    boolean ended = server.stop(GRACE);
    agent.close(GRACE);
    loops.close();
    assertThat(ended).as("all streams ended").isTrue();
    assertThat(agent.callsInFlight()).isZero();
    assertThat(driver.alive()).as("containers left behind").isZero();
    assertThat(agent.resources().used()).isEqualTo(ResourceAmount.NONE);
  }

  /** The load balancer's side of one stream. */
  final class Session extends ClientCall.Listener<RunnerMsg> {
    final List<RunnerMsg> messages = new CopyOnWriteArrayList<>();
    final ClientCall<ClientMsg, RunnerMsg> call;
    private final CompletableFuture<Status> closed = new CompletableFuture<>();
    private volatile @Nullable Metadata headers;

    private Session(CallOptions options, int wanted) {
      call = channel.newCall(RunnerProtocolGrpc.getEngageMethod(), options);
      call.start(this, new Metadata());
      call.request(wanted);
    }

    Session tryCall(Call model) {
      return tryCall(CallJson.write(model), "");
    }

    Session tryCall(String json, String slot) {
      return tryCall(TryCall.newBuilder().setModelsCallJson(json).setSlotHashId(slot).build());
    }

    Session tryCall(TryCall message) {
      call.sendMessage(ClientMsg.newBuilder().setTry(message).build());
      return this;
    }

    Session data(String text, boolean eof) {
      call.sendMessage(
          ClientMsg.newBuilder()
              .setData(DataFrame.newBuilder().setData(ByteString.copyFromUtf8(text)).setEof(eof))
              .build());
      return this;
    }

    /** A message without content. */
    Session nothing() {
      call.sendMessage(ClientMsg.getDefaultInstance());
      return this;
    }

    /** Is ready for {@code count} messages more. */
    void read(int count) {
      call.request(count);
    }

    Status end() throws Exception {
      return closed.get(60, TimeUnit.SECONDS);
    }

    boolean isOver() {
      return closed.isDone();
    }

    CallFinished finished() throws Exception {
      assertThat(end().isOk()).as("%s", end()).isTrue();
      return messages.getLast().getFinished();
    }

    /** All that came until a clean end, a line a message. */
    List<String> transcript() throws Exception {
      assertThat(end().isOk()).as("%s", end()).isTrue();
      return messages.stream().map(EngageRig::words).toList();
    }

    boolean saysTaken() {
      Metadata received = headers;
      return received != null && "1".equals(received.get(EngageSession.TAKEN));
    }

    String body() {
      StringBuilder text = new StringBuilder();
      for (RunnerMsg each : messages) {
        text.append(each.getData().getData().toStringUtf8());
      }
      return text.toString();
    }

    @Override
    public void onHeaders(Metadata received) {
      headers = received;
    }

    @Override
    public void onMessage(RunnerMsg message) {
      messages.add(message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      closed.complete(status);
    }
  }

  private static String words(RunnerMsg message) {
    return switch (message.getBodyCase()) {
      case RESULT_START -> start(message.getResultStart());
      case DATA ->
          "data " + message.getData().getData().size() + (message.getData().getEof() ? " eof" : "");
      case FINISHED -> finished(message.getFinished());
      case BODY_NOT_SET -> "nothing";
    };
  }

  private static String start(CallResultStart start) {
    StringBuilder text = new StringBuilder("start ").append(start.getHttp().getStatusCode());
    start
        .getHttp()
        .getHeadersList()
        .forEach(
            each -> text.append(' ').append(each.getKey()).append('=').append(each.getValue()));
    return text.toString();
  }

  private static String finished(CallFinished finished) {
    return finished.getSuccess()
        ? "finished"
        : "failed %d %s: %s"
            .formatted(
                finished.getErrorCode(),
                finished.getErrorUser() ? "user" : "service",
                finished.getErrorStr());
  }
}
