package dev.fncluster.runner.engage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Empty;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.CallJson;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.ConfigMsg;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.proto.RunnerProtocolGrpc;
import dev.fncluster.proto.RunnerStatus;
import dev.fncluster.proto.TryCall;
import dev.fncluster.runner.FakeDriver;
import dev.fncluster.runner.RunnerAgent;
import dev.fncluster.runner.RunnerSettings;
import dev.fncluster.runner.RunnerViews;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.extension.ConfigureHandler;
import dev.fncluster.runner.extension.HealthChecker;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.runner.status.CachedProbe;
import dev.fncluster.runner.status.KernelDumps;
import dev.fncluster.runner.status.StatusCheck;
import dev.fncluster.runner.status.StatusImage;
import dev.fncluster.runner.status.StatusSettings;
import dev.fncluster.runner.status.StatusViews;
import dev.fncluster.stats.ViewRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The status of a runner, asked over a real connection. */
final class StatusTest {
  private static final String IMAGE = "status/checker:1";
  // More than a result is kept.
  private static final long LATER = Duration.ofSeconds(2).toNanos();

  @TempDir Path folder;

  private final FakeDriver driver = new FakeDriver();
  private final EventLoops loops = EventLoops.create(1, "runner-loop");
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private ExtensionRunner extensions = new ExtensionRunner(Duration.ofSeconds(60));
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final ViewRegistry registry = new ViewRegistry(meters);
  private final AtomicLong skippedNanos = new AtomicLong();
  private RunnerAgent agent;
  private @Nullable RunnerServer server;
  private @Nullable ManagedChannel channel;

  @BeforeEach
  void agent() throws Exception {
    registry.register(RunnerViews.all());
    registry.register(StatusViews.all());
    agent =
        new RunnerAgent(
            loops,
            RunnerSettings.from(Settings.of(Map.of("FN_FREEZE_IDLE_MSECS", "-1"))),
            driver,
            new ResourceAmount(256L << 20, 1000),
            registry,
            new IdGenerator(1, System::currentTimeMillis),
            Clock.systemUTC());
  }

  @AfterEach
  void close() throws Exception {
    if (channel != null) {
      channel.shutdownNow();
    }
    if (server != null) {
      assertThat(server.stop(Duration.ofSeconds(5))).isTrue();
    }
    agent.close(Duration.ofSeconds(5));
    threads.shutdownNow();
    loops.close();
    assertThat(driver.alive()).isZero();
  }

  private RunnerProtocolGrpc.RunnerProtocolBlockingStub serve(
      String image, @Nullable HealthChecker checker, @Nullable ConfigureHandler handler)
      throws Exception {
    StatusSettings settings =
        new StatusSettings(
            image, folder.resolve("barrier").toString(), folder.resolve("dumps").toString());
    StatusImage statusImage =
        image.isEmpty()
            ? null
            : new StatusImage(agent, image, agent.ids(), loops.loops()::getFirst);
    server =
        RunnerServer.start(
            loops,
            new InetSocketAddress(0),
            null,
            new RunnerProtocolService(
                agent,
                Clock.systemUTC(),
                new SessionRules(true, image),
                new CachedProbe(
                    new StatusCheck(settings, checker, statusImage, extensions),
                    threads,
                    () -> System.nanoTime() + skippedNanos.get(),
                    registry),
                new KernelDumps(settings.kernelDumpsPath()),
                new Configuration(handler, threads, extensions),
                null));
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
    return RunnerProtocolGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  private static RunnerStatus status(RunnerProtocolGrpc.RunnerProtocolBlockingStub stub) {
    return stub.status(Empty.getDefaultInstance());
  }

  private double counted(boolean cached, boolean network, boolean success) {
    return meters.find("fn_status_call").meters().stream()
        .filter(meter ->
            Boolean.toString(cached).equals(meter.getId().getTag("cached"))
                && Boolean.toString(network).equals(meter.getId().getTag("network"))
                && Boolean.toString(success).equals(meter.getId().getTag("success")))
        .mapToDouble(meter -> meter.measure().iterator().next().getValue())
        .sum();
  }

  @Test
  void theImageRunsOnceAndItsAnswerIsRepeatedForAMoment() throws Exception {
    Files.createFile(folder.resolve("barrier"));
    var stub = serve(IMAGE, null, null);
    Struct input =
        Struct.newBuilder()
            .putFields("fake-member-1", Value.newBuilder().setStringValue("fake-value-1").build())
            .build();

    RunnerStatus first = stub.status2(input);
    assertThat(first.getFailed()).as(first.getErrorStr()).isFalse();
    assertThat(first.getCached()).isFalse();
    assertThat(first.getIsNetworkDisabled()).isFalse();
    assertThat(first.getId()).isNotEmpty();
    Struct.Builder back = Struct.newBuilder();
    JsonFormat.parser().merge(first.getDetails(), back);
    assertThat(back.build()).isEqualTo(input);
    assertThat(first.getCreatedAt()).isNotEmpty();
    assertThat(first.getStartedAt()).isNotEmpty();
    assertThat(first.getCompletedAt()).isNotEmpty();
    assertThat(first.getSchedulerDuration()).isPositive();
    assertThat(first.getExecutionDuration()).isPositive();
    assertThat(first.getCtrCreateDuration()).isPositive();

    RunnerStatus again = status(stub);
    assertThat(again.toBuilder().setCached(false).build())
        .as("whatever the second one sent along")
        .isEqualTo(first);
    assertThat(again.getCached()).isTrue();
    assertThat(driver.made()).hasSize(1);
    ContainerSpec spec = driver.made().getFirst().spec();
    assertThat(spec.image()).isEqualTo(IMAGE);
    assertThat(spec.memory() + spec.milliCpus() + spec.tmpfsSize()).isZero();
    assertThat(spec.networkDisabled()).isFalse();
    assertThat(agent.resources().used()).isEqualTo(ResourceAmount.NONE);

    skippedNanos.addAndGet(LATER);
    RunnerStatus later = status(stub);
    assertThat(later.getCached()).isFalse();
    assertThat(later.getId()).isNotEqualTo(first.getId());
    assertThat(later.getDetails()).as("the input of Status").isEqualTo("{}");
    assertThat(counted(false, true, true)).isEqualTo(2);
    assertThat(counted(true, true, true)).isEqualTo(1);
  }

  @Test
  void itRunsOnARunnerThatIsFull() throws Exception {
    var stub = serve(IMAGE, null, null);
    var everything = agent.resources().reserve(agent.resources().total());
    assertThat(everything).isNotNull();
    assertThat(status(stub).getFailed()).isFalse();
    everything.release();
  }

  @Test
  void thoseWhoAskAtOnceShareOneRun() throws Exception {
    driver.startDelay(Duration.ofMillis(300));
    serve(IMAGE, null, null);
    List<CompletableFuture<RunnerStatus>> asked = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      CompletableFuture<RunnerStatus> answer = new CompletableFuture<>();
      asked.add(answer);
      RunnerProtocolGrpc.newStub(Objects.requireNonNull(channel))
          .status(
              Empty.getDefaultInstance(),
              new StreamObserver<>() {
                @Override
                public void onNext(RunnerStatus value) {
                  answer.complete(value);
                }

                @Override
                public void onError(Throwable failure) {
                  answer.completeExceptionally(failure);
                }

                @Override
                public void onCompleted() {}
              });
    }
    Set<String> ids = new HashSet<>();
    int fresh = 0;
    for (CompletableFuture<RunnerStatus> each : asked) {
      RunnerStatus answer = each.get(60, TimeUnit.SECONDS);
      assertThat(answer.getFailed()).isFalse();
      ids.add(answer.getId());
      fresh += answer.getCached() ? 0 : 1;
    }
    assertThat(ids).hasSize(1);
    assertThat(fresh).as("answers that are not repeated ones").isEqualTo(1);
    assertThat(driver.made()).hasSize(1);
  }

  @Test
  void whoLeavesDoesNotEndTheRunForOthers() throws Exception {
    driver.startDelay(Duration.ofMillis(500));
    var stub = serve(IMAGE, null, null);
    var leaving =
        RunnerProtocolGrpc.newFutureStub(Objects.requireNonNull(channel))
            .status(Empty.getDefaultInstance());
    await().atMost(Duration.ofSeconds(60)).until(() -> driver.made().size() == 1);
    leaving.cancel(true);
    RunnerStatus answer = status(stub);
    assertThat(answer.getFailed()).isFalse();
    assertThat(driver.made()).hasSize(1);
  }

  @Test
  void withoutTheBarrierFileThereIsNoNetwork() throws Exception {
    var stub = serve(IMAGE, null, null);
    assertThat(status(stub).getIsNetworkDisabled()).isTrue();
    assertThat(driver.made().getFirst().spec().networkDisabled()).isTrue();
    assertThat(counted(false, false, true)).isEqualTo(1);

    Files.createSymbolicLink(folder.resolve("barrier"), Path.of("nowhere"));
    skippedNanos.addAndGet(LATER);
    assertThat(status(stub).getIsNetworkDisabled()).as("a link counts").isFalse();
    assertThat(driver.made().getLast().spec().networkDisabled()).isFalse();
  }

  @Test
  void theCheckerComesFirst() throws Exception {
    List<String> asked = new ArrayList<>();
    ServiceException[] failure = {null};
    var stub =
        serve(
            IMAGE,
            () -> {
              asked.add("checker");
              if (failure[0] != null) {
                throw failure[0];
              }
              return Map.of("custom", "works");
            },
            null);
    RunnerStatus well = status(stub);
    assertThat(well.getCustomStatusMap()).isEqualTo(Map.of("custom", "works"));
    assertThat(well.getFailed()).isFalse();
    assertThat(asked).hasSize(1);
    assertThat(driver.made()).hasSize(1);

    failure[0] = new ServiceException(450, "not today");
    skippedNanos.addAndGet(LATER);
    RunnerStatus ill = status(stub);
    assertThat(ill.getFailed()).isTrue();
    assertThat(ill.getErrorCode()).isEqualTo(450);
    assertThat(ill.getErrorStr()).isEqualTo("not today");
    assertThat(ill.getId()).isEmpty();
    assertThat(driver.made()).as("the image is not run").hasSize(1);
    assertThat(counted(false, false, false)).isEqualTo(1);
  }

  @Test
  void aCheckerNeedsNoImage() throws Exception {
    var stub = serve("", () -> Map.of("disk", "half full"), null);
    RunnerStatus answer = status(stub);
    assertThat(answer.getCustomStatusMap()).isEqualTo(Map.of("disk", "half full"));
    assertThat(answer.getFailed()).isFalse();
    assertThat(driver.made()).isEmpty();
  }

  @Test
  void anythingElseThatACheckerThrowsHasNoCode() throws Exception {
    var stub =
        serve(
            "",
            () -> {
              throw new IllegalStateException("no idea");
            },
            null);
    RunnerStatus answer = status(stub);
    assertThat(answer.getFailed()).isTrue();
    assertThat(answer.getErrorCode()).isZero();
    assertThat(answer.getErrorStr()).contains("no idea");
  }

  @Test
  void aFailureOfTheImageIsReported() throws Exception {
    driver.failWith(spec -> new ServiceException(502, "no such image"));
    var stub = serve(IMAGE, null, null);
    RunnerStatus answer = status(stub);
    assertThat(answer.getFailed()).isTrue();
    assertThat(answer.getErrorCode()).isEqualTo(502);
    assertThat(answer.getErrorStr()).isEqualTo("no such image");
  }

  @Test
  void countsKernelDumps() throws Exception {
    Path dumps = Files.createDirectory(folder.resolve("dumps"));
    Files.createDirectory(dumps.resolve("202611240101"));
    Files.createDirectory(dumps.resolve("202611240202"));
    assertThat(status(serve(IMAGE, null, null)).getKdumpsOnDisk()).isEqualTo(2);
  }

  @Test
  void inputThatIsNoJsonIsRefused() throws Exception {
    var stub = serve(IMAGE, null, null);
    Struct infinite =
        Struct.newBuilder()
            .putFields("n", Value.newBuilder().setNumberValue(Double.POSITIVE_INFINITY).build())
            .build();
    assertThat(refusal(() -> stub.status2(infinite)).getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(driver.made()).isEmpty();
  }

  @Test
  void nobodyElseMayRunTheStatusImage() throws Exception {
    serve(IMAGE, null, null);
    CompletableFuture<RunnerMsg> answer = new CompletableFuture<>();
    StreamObserver<ClientMsg> session =
        RunnerProtocolGrpc.newStub(Objects.requireNonNull(channel))
            .engage(
                new StreamObserver<>() {
                  @Override
                  public void onNext(RunnerMsg value) {
                    answer.complete(value);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    Call call = new Call().id("one").image(IMAGE).method("POST").url("/").timeout(10).memory(128);
    session.onNext(
        ClientMsg.newBuilder()
            .setTry(TryCall.newBuilder().setModelsCallJson(CallJson.write(call)))
            .build());
    var finished = answer.get(60, TimeUnit.SECONDS).getFinished();
    assertThat(finished.getSuccess()).isFalse();
    assertThat(finished.getErrorCode()).isEqualTo(400);
    assertThat(finished.getErrorStr()).isEqualTo("Invalid Fn image");
    assertThat(driver.made()).isEmpty();
  }

  @Test
  void configurationsReachTheirHandler() throws Exception {
    List<Map<String, String>> got = new ArrayList<>();
    var stub =
        serve(
            "",
            null,
            config -> {
              if (config.containsKey("bad")) {
                throw new IllegalArgumentException("bad is not known");
              }
              got.add(config);
            });
    stub.configureRunner(
        ConfigMsg.newBuilder().putConfig("domain", "unix").putConfig("company", "fn").build());
    assertThat(got).containsExactly(Map.of("domain", "unix", "company", "fn"));
    Status refusal =
        refusal(() -> stub.configureRunner(ConfigMsg.newBuilder().putConfig("bad", "1").build()));
    assertThat(refusal.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.getDescription()).isEqualTo("bad is not known");
  }

  @Test
  void aHandlerThatThrowsOrHangsFailsItsRequestOnly() throws Exception {
    extensions = new ExtensionRunner(Duration.ofMillis(300));
    CountDownLatch never = new CountDownLatch(1);
    var stub =
        serve(
            "",
            null,
            config -> {
              if (config.containsKey("hang")) {
                never.await();
              } else if (config.containsKey("throw")) {
                throw new NoSuchMethodError("other version");
              }
            });
    Status hung =
        refusal(() -> stub.configureRunner(ConfigMsg.newBuilder().putConfig("hang", "").build()));
    assertThat(hung.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(hung.getDescription()).isEqualTo("the handler took more than 300 ms");
    Status thrown =
        refusal(() -> stub.configureRunner(ConfigMsg.newBuilder().putConfig("throw", "").build()));
    assertThat(thrown.getCode()).isEqualTo(Status.Code.UNKNOWN);
    stub.configureRunner(ConfigMsg.getDefaultInstance());
  }

  private static Status refusal(Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
    throw new AssertionError("it was answered");
  }
}
