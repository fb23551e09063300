package dev.fncluster.runner.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.runner.driver.OutputSource;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OutputFramesTest {
  private final StringBuilder out = new StringBuilder();
  private final StringBuilder err = new StringBuilder();
  private final OutputFrames frames =
      new OutputFrames((source, bytes) ->
          // It need not read all it is given.
          (source == OutputSource.STDERR ? err : out)
              .append(bytes.toString(StandardCharsets.UTF_8)));

  static ByteBuf frame(int stream, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Unpooled.buffer()
        .writeByte(stream)
        .writeZero(3)
        .writeInt(bytes.length)
        .writeBytes(bytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 9, 300, 10_000})
  void readsFramesHoweverTheyArrive(int piece) {
    ByteBuf all =
        Unpooled.buffer()
            .writeBytes(frame(1, "one "))
            .writeBytes(frame(2, "two "))
            .writeBytes(frame(1, ""))
            .writeBytes(frame(0, "x".repeat(1000)))
            .writeBytes(frame(2, "four"));
    while (all.isReadable()) {
      frames.read(all.readSlice(Math.min(piece, all.readableBytes())));
      assertThat(frames.isAtEndOfFrame() || all.isReadable()).isTrue();
    }
    assertThat(out).hasToString("one " + "x".repeat(1000));
    assertThat(err).hasToString("two four");
    frames.read(frame(1, "cut").writerIndex(9));
    assertThat(frames.isAtEndOfFrame()).isFalse();
  }
}
