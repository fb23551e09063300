package dev.fncluster.runnerpool.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.error.FnException;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.fake.FakeBody;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Ends of streams by which HTTP/2 itself tells, or does not, that a call was not begun. */
@Timeout(60)
class StreamRefusalTest {
  @RegisterExtension final GrpcRunnerRig rig = new GrpcRunnerRig();

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
    RawHttp2Runner server = rig.closing(RawHttp2Runner.answering(answer));
    FakeBody body = FakeBody.of(1, 10);

    TryResult known = GrpcRunnerRig.run(rig.runner(server.port()), rig.call(body));

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
  }
}
