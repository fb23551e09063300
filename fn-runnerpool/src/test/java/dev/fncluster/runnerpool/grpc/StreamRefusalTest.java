package dev.fncluster.runnerpool.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.runnerpool.RunnerAddress;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.fake.FakeBody;
import dev.fncluster.runnerpool.fake.RecordingSink;
import dev.fncluster.runnerpool.fake.TestCalls;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Ends of streams by which HTTP/2 itself tells, or does not, that a call was not begun. */
@Timeout(60)
class StreamRefusalTest {
  static Stream<Arguments> ends() {
    return Stream.of(
        end("refused", true, stream -> RawHttp2Runner.reset(stream, RawHttp2Runner.REFUSED_STREAM)),
        end("cancelled", false, stream -> RawHttp2Runner.reset(stream, RawHttp2Runner.CANCEL)),
        end("broken", false, stream -> RawHttp2Runner.reset(stream, RawHttp2Runner.INTERNAL_ERROR)),
        end(
            "going away, the stream came too late",
            true,
            stream -> RawHttp2Runner.goAway(stream - 2, RawHttp2Runner.NO_ERROR)),
        end(
            "going away in trouble, whose last stream is no promise",
            false,
            stream -> RawHttp2Runner.goAway(stream - 2, RawHttp2Runner.INTERNAL_ERROR)),
        end(
            "going away for pings",
            false,
            stream -> RawHttp2Runner.goAway(stream - 2, RawHttp2Runner.ENHANCE_YOUR_CALM)));
  }

  private static Arguments end(String name, boolean untouched, RawHttp2Runner.Answer answer) {
    return Arguments.of(name, untouched, answer);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ends")
  void onlyWhatWasCertainlyNotProcessedMayGoElsewhere(
      String name, boolean untouched, RawHttp2Runner.Answer answer) throws Exception {
    try (EventLoops loops = EventLoops.create(1, "test-loop");
        RawHttp2Runner server = RawHttp2Runner.answering(answer)) {
      GrpcRunner runner =
          new GrpcRunner(
              new RunnerAddress("127.0.0.1", server.port()),
              loops,
              ChannelSecurity.plaintext(),
              new RunnerClientStats(new ViewRegistry(new SimpleMeterRegistry())));
      try {
        FakeBody body = FakeBody.of(1, 10);
        RunnerCall call =
            TestCalls.call(
                TestCalls.invocation(
                    loops.loops().get(0), new RecordingSink(), body, CallContext.create()));
        CompletableFuture<TryResult> result = new CompletableFuture<>();
        call.eventLoop()
            .execute(() -> runner.tryExec(call, call.context().child(), result::complete));

        TryResult known = result.get(20, TimeUnit.SECONDS);

        assertThat(body.openings()).as("the call was sent").isEqualTo(1);
        if (untouched) {
          assertThat(known).isInstanceOf(TryResult.NotPlaced.class);
          assertThat(((TryResult.NotPlaced) known).isBusy()).isFalse();
        } else {
          assertThat(known).isInstanceOf(TryResult.Placed.class);
          assertThat(((TryResult.Placed) known).error())
              .isInstanceOfSatisfying(
                  FnException.class, error -> assertThat(error.code()).isEqualTo(500));
        }
      } finally {
        runner.close(Duration.ZERO);
      }
    }
  }
}
