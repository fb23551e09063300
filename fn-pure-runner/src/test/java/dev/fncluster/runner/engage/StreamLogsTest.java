package dev.fncluster.runner.engage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.call.CallCompletion;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.proto.LogRequestMsg;
import dev.fncluster.proto.LogResponseMsg;
import dev.fncluster.proto.LogResponseMsg.Container;
import dev.fncluster.proto.LogResponseMsg.Container.Request;
import dev.fncluster.proto.LogResponseMsg.Container.Request.Line;
import dev.fncluster.proto.RunnerProtocolGrpc;
import dev.fncluster.runner.driver.OutputSource;
import dev.fncluster.runner.logs.BufferedLogStreamer;
import dev.fncluster.runner.logs.LogLine;
import dev.fncluster.runner.logs.LogStreamer;
import dev.fncluster.runner.logs.LogViews;
import dev.fncluster.stats.ViewRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The protocol between runner and log collectors, message by message, over real connections. */
@Timeout(180)
final class StreamLogsTest {
  private static final LogRequestMsg START =
      LogRequestMsg.newBuilder().setStart(LogRequestMsg.Start.getDefaultInstance()).build();
  private static final LogRequestMsg READY =
      LogRequestMsg.newBuilder().setReady(LogRequestMsg.Ready.getDefaultInstance()).build();
  private static final LogRequestMsg ACK =
      LogRequestMsg.newBuilder().setAck(LogRequestMsg.Ack.getDefaultInstance()).build();
  private static final int BUFFER = 64 * 1024;

  private static final CallAgent NO_CALLS =
      new CallAgent() {
        @Override
        public void submit(Invocation invocation, CallCompletion completion) {}

        @Override
        public void close(Duration grace) {}
      };

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final BufferedLogStreamer streamer = new BufferedLogStreamer(registry(), BUFFER);
  private final EventLoops loops = EventLoops.create(1, "runner-loop");
  private RunnerServer server;
  private ManagedChannel channel;

  private ViewRegistry registry() {
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(LogViews.all());
    return registry;
  }

  @BeforeEach
  void serve() throws Exception {
    server =
        RunnerServer.start(
            loops, new InetSocketAddress(0), null, TestServices.of(NO_CALLS, streamer));
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  }

  private void serve(@Nullable LogStreamer another) throws Exception {
    stop();
    server =
        RunnerServer.start(
            loops, new InetSocketAddress(0), null, TestServices.of(NO_CALLS, another));
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  }

  @AfterEach
  void close() throws Exception {
    stop();
    loops.close();
  }

  private void stop() throws Exception {
    channel.shutdownNow();
    server.stop(Duration.ZERO);
  }

  private record OpenFails(@Nullable RuntimeException failure) implements LogStreamer {
    @Override
    public void accept(LogLine line) {}

    @Override
    @SuppressWarnings("NullAway") // What a program compiled without checks may do.
    public StreamObserver<LogRequestMsg> open(ServerCallStreamObserver<LogResponseMsg> collector) {
      if (failure != null) {
        throw failure;
      }
      return null;
    }

    @Override
    public void close() {}
  }

  @Test
  void aStreamerThatThrowsOrReturnsNullEndsTheStream() throws Exception {
    for (LogStreamer each :
        List.of(new OpenFails(new IllegalStateException("secret")), new OpenFails(null))) {
      serve(each);
      Status end = new Collector(false).end.get(60, TimeUnit.SECONDS);
      assertThat(end.getCode()).isEqualTo(Status.Code.INTERNAL);
      assertThat(end.getDescription()).isEqualTo("an extension of this server failed");
    }
  }

  /** A collector. */
  private final class Collector implements StreamObserver<LogResponseMsg> {
    final List<LogResponseMsg> messages = new CopyOnWriteArrayList<>();
    final CompletableFuture<Status> end = new CompletableFuture<>();
    final StreamObserver<LogRequestMsg> out;
    final boolean acknowledges;

    Collector(boolean acknowledges) {
      this.acknowledges = acknowledges;
      out = RunnerProtocolGrpc.newStub(channel).streamLogs(this);
    }

    @Override
    public void onNext(LogResponseMsg message) {
      messages.add(message);
      if (acknowledges) {
        out.onNext(ACK);
      }
    }

    @Override
    public void onError(Throwable failure) {
      end.complete(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      end.complete(Status.OK);
    }

    Status end() throws Exception {
      return end.get(60, TimeUnit.SECONDS);
    }

    List<String> lines() {
      return messages.stream()
          .flatMap(message -> message.getDataList().stream())
          .flatMap(container -> container.getDataList().stream())
          .flatMap(request -> request.getDataList().stream())
          .map(line -> line.getData().toStringUtf8())
          .toList();
    }
  }

  /** A collector of which the runner knows that it has begun. */
  private Collector begun(boolean acknowledges, LogRequestMsg... more) {
    long before = streamer.collecting();
    Collector collector = new Collector(acknowledges);
    collector.out.onNext(START);
    for (LogRequestMsg each : more) {
      collector.out.onNext(each);
    }
    await().atMost(60, TimeUnit.SECONDS).until(() -> streamer.collecting() > before);
    return collector;
  }

  private static LogLine line(String app, String box, String call, OutputSource from, String text) {
    return new LogLine(
        1_700_000_000_123L, from, ByteString.copyFromUtf8(text), app, "fn1", box, call);
  }

  private void write(String text) {
    streamer.accept(line("app1", "box1", "101", OutputSource.STDOUT, text));
  }

  private static void eventually(Runnable check) {
    await().atMost(60, TimeUnit.SECONDS).untilAsserted(check::run);
  }

  private double dropped() {
    return meters.get("fn_function_log_dropped_lines").tag("reason", "collector").counter().count();
  }

  @Test
  void groupsLinesByContainerAndCall() throws Exception {
    Collector collector = begun(false);
    streamer.accept(line("app1", "box1", "", OutputSource.STDERR, "starting"));
    streamer.accept(line("app1", "box1", "101", OutputSource.STDOUT, "one"));
    streamer.accept(line("app2", "box2", "201", OutputSource.STDOUT, "other"));
    streamer.accept(line("app1", "box1", "101", OutputSource.STDERR, "two"));
    collector.out.onNext(ACK);
    LogResponseMsg expected =
        LogResponseMsg.newBuilder()
            .addData(
                Container.newBuilder()
                    .setApplicationId("app1")
                    .setFunctionId("fn1")
                    .setContainerId("box1")
                    .addData(Request.newBuilder().addData(wire(Line.Source.STDERR, "starting")))
                    .addData(
                        Request.newBuilder()
                            .setRequestId("101")
                            .addData(wire(Line.Source.STDOUT, "one"))
                            .addData(wire(Line.Source.STDERR, "two"))))
            .addData(
                Container.newBuilder()
                    .setApplicationId("app2")
                    .setFunctionId("fn1")
                    .setContainerId("box2")
                    .addData(
                        Request.newBuilder()
                            .setRequestId("201")
                            .addData(wire(Line.Source.STDOUT, "other"))))
            .build();
    eventually(() -> assertThat(collector.messages).containsExactly(expected));
    collector.out.onCompleted();
    assertThat(collector.end().isOk()).isTrue();
    eventually(() -> assertThat(streamer.collectors()).isZero());
  }

  private static Line wire(Line.Source source, String text) {
    return Line.newBuilder()
        .setTimestamp(1_700_000_000_123L)
        .setSource(source)
        .setData(ByteString.copyFromUtf8(text))
        .build();
  }

  @Test
  void numbersFieldsAsTheProtocolDoes() throws Exception {
    Collector collector = begun(false, READY);
    streamer.accept(
        new LogLine(1, OutputSource.STDERR, ByteString.copyFromUtf8("x"), "a", "f", "b", "c"));
    eventually(() -> assertThat(collector.messages).hasSize(1));
    assertThat(HexFormat.of().formatHex(collector.messages.getFirst().toByteArray()))
        .isEqualTo(
            "0a17" // a container: application, function, container
                + "0a0161"
                + "120166"
                + "1a0162"
                + "220c" // a request: its id
                + "0a0163"
                + "1207" // a line: timestamp, source, data
                + "0801"
                + "1001"
                + "1a0178");
  }

  @Test
  void sendsOneMessageForEachAck() throws Exception {
    Collector collector = begun(false, READY);
    write("a");
    eventually(() -> assertThat(collector.lines()).containsExactly("a"));
    write("b");
    write("c");
    collector.out.onNext(ACK);
    eventually(() -> assertThat(collector.lines()).containsExactly("a", "b", "c"));
    assertThat(collector.messages).hasSize(2);
    write("d");
    collector.out.onNext(READY);
    eventually(() -> assertThat(collector.lines()).endsWith("d"));
  }

  @Test
  void collectorThatIsTooSlowLosesLinesAndHoldsNobody() throws Exception {
    Collector slow = begun(false);
    Collector quick = begun(true, READY);
    String text = "x".repeat(1000);
    int lines = 200;
    for (int written = 20; written <= lines; written += 20) {
      for (int i = 0; i < 20; i++) {
        write(text);
      }
      int all = written;
      eventually(() -> assertThat(quick.lines()).hasSize(all));
    }
    assertThat(dropped()).isBetween(100.0, 199.0);
    slow.out.onNext(ACK);
    eventually(() -> assertThat(slow.lines()).hasSize((int) (lines - dropped())).contains(text));
    write("after");
    slow.out.onNext(ACK);
    eventually(() -> assertThat(slow.lines()).endsWith("after"));
  }

  @Test
  void refusesWhatIsNoStart() throws Exception {
    Collector ack = new Collector(false);
    ack.out.onNext(ACK);
    assertThat(ack.end().getDescription()).isEqualTo("expected start session");
    Collector nothing = new Collector(false);
    nothing.out.onNext(LogRequestMsg.getDefaultInstance());
    assertThat(nothing.end().getDescription()).isEqualTo("expected start session");
    Collector twice = new Collector(false);
    twice.out.onNext(START);
    twice.out.onNext(START);
    assertThat(twice.end().getDescription()).isEqualTo("expected ack");
    assertThat(twice.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    eventually(() -> assertThat(streamer.collectors()).isZero());
  }

  @Test
  void takesNoMoreThan16Collectors() throws Exception {
    for (int i = 0; i < 16; i++) {
      new Collector(false).out.onNext(START);
    }
    eventually(() -> assertThat(streamer.collectors()).isEqualTo(16));
    Collector last = new Collector(false);
    assertThat(last.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void forgetsCollectorsThatLeave() throws Exception {
    Collector collector = begun(false);
    write("lost");
    channel.shutdownNow();
    eventually(() -> assertThat(streamer.collectors()).isZero());
    assertThat(dropped()).isEqualTo(1);
    assertThat(collector.messages).isEmpty();
  }

  @Test
  void nodeThatStopsSendsWhatItHas() throws Exception {
    Collector reading = begun(true, READY);
    Collector hanging = begun(false);
    for (int i = 0; i < 50; i++) {
      write("line " + i);
    }
    streamer.close();
    assertThat(reading.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(reading.lines()).hasSize(50).endsWith("line 49");
    assertThat(hanging.end().getDescription()).isEqualTo("the runner stops");
    Collector late = new Collector(false);
    assertThat(late.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(server.stop(Duration.ofSeconds(60))).isTrue();
  }

  @Test
  void runnerWithoutStreamerSaysSo() throws Exception {
    serve(null);
    Collector collector = new Collector(false);
    assertThat(collector.end().getCode()).isEqualTo(Status.Code.UNKNOWN);
    assertThat(collector.end().getDescription())
        .isEqualTo("runner not configured with logStreamer");
  }

  /** One line for every Ack, as the simplest streamer there is. */
  private static final class Answering implements LogStreamer {
    @Override
    public void accept(LogLine line) {}

    @Override
    public StreamObserver<LogRequestMsg> open(ServerCallStreamObserver<LogResponseMsg> collector) {
      return new StreamObserver<>() {
        private boolean started;

        @Override
        public void onNext(LogRequestMsg message) {
          if (!started && !message.hasStart() || started && !message.hasAck()) {
            collector.onError(
                Status.UNKNOWN
                    .withDescription(started ? "expected ack" : "expected start session")
                    .asRuntimeException());
            return;
          }
          if (started) {
            collector.onNext(
                LogResponseMsg.newBuilder()
                    .addData(
                        Container.newBuilder()
                            .setApplicationId("app1")
                            .setFunctionId("fun1")
                            .setContainerId("container1")
                            .addData(
                                Request.newBuilder()
                                    .setRequestId("101")
                                    .addData(
                                        Line.newBuilder()
                                            .setTimestamp(System.currentTimeMillis()))))
                    .build());
          }
          started = true;
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {
          collector.onCompleted();
        }
      };
    }

    @Override
    public void close() {}
  }

  @Test
  void streamerOfOnesOwnServesCollectors() throws Exception {
    serve(new Answering());
    Collector collector = new Collector(false);
    collector.out.onNext(START);
    collector.out.onNext(ACK);
    eventually(() -> assertThat(collector.messages).hasSize(1));
    Container container = collector.messages.getFirst().getData(0);
    assertThat(container.getApplicationId()).isEqualTo("app1");
    assertThat(container.getData(0).getRequestId()).isEqualTo("101");
    Line line = container.getData(0).getData(0);
    assertThat(line.getTimestamp()).isPositive().isLessThanOrEqualTo(System.currentTimeMillis());
    assertThat(line.getSource()).isEqualTo(Line.Source.STDOUT);
    collector.out.onCompleted();
    assertThat(collector.end().isOk()).isTrue();
  }
}
