package dev.fncluster.runner.logs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LineSplitterTest {
  private final LineSplitter splitter = new LineSplitter();
  private final List<ByteString> lines = new ArrayList<>();

  private void feed(ByteBuf bytes) {
    splitter.feed(bytes, lines::add);
    assertThat(bytes.isReadable()).isFalse();
  }

  private void feed(String text) {
    feed(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
  }

  private List<String> texts() {
    return lines.stream().map(ByteString::toStringUtf8).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void findsTheSameLinesHoweverTheyArrive(int pieces) {
    byte[] all = "one\n\ntwo\r\n  three  \nfoür\nunfinished".getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < all.length; at += pieces) {
      feed(Unpooled.wrappedBuffer(all, at, Math.min(pieces, all.length - at)));
    }
    assertThat(texts()).containsExactly("one", "", "two", "  three  ", "foür");
    assertThat(splitter.isAmidLine()).isTrue();
    splitter.flush(lines::add);
    assertThat(texts()).endsWith("unfinished");
    assertThat(splitter.isAmidLine()).isFalse();
    splitter.flush(lines::add);
    assertThat(lines).hasSize(6);
  }

  @Test
  void cutsLongLinesBetweenCharacters() {
    String euros = "€".repeat(LineSplitter.MAX_LINE); // Three bytes each: the limit is amid one.
    feed(euros);
    feed("\nshort\n");
    assertThat(lines).allMatch(line -> line.size() <= LineSplitter.MAX_LINE);
    assertThat(texts()).allMatch(text -> text.chars().noneMatch(c -> c == '\uFFFD'));
    assertThat(String.join("", texts().subList(0, lines.size() - 1))).isEqualTo(euros);
    assertThat(texts().getLast()).isEqualTo("short");
  }

  @Test
  void losesNothingOfWhatIsNoText() {
    byte[] bytes = new byte[3 * LineSplitter.MAX_LINE];
    java.util.Arrays.fill(bytes, (byte) 0x80); // Nothing but continuations.
    bytes[5] = 0;
    feed(Unpooled.wrappedBuffer(bytes));
    splitter.flush(lines::add);
    assertThat(ByteString.copyFrom(lines)).isEqualTo(ByteString.copyFrom(bytes));
    assertThat(lines).hasSize(3);
  }

  @Test
  void lineOfExactlyTheLimitIsOne() {
    feed("x".repeat(LineSplitter.MAX_LINE) + "\n");
    assertThat(lines).hasSize(1);
  }
}
