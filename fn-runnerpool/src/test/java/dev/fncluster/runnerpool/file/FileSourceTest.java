package dev.fncluster.runnerpool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fncluster.runnerpool.pool.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
final class FileSourceTest {
  private static final Duration BOUND = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private final List<List<String>> told = new CopyOnWriteArrayList<>();

  private Path write(String text) throws IOException {
    Path next = Files.writeString(folder.resolve("next"), text);
    return Files.move(
        next,
        folder.resolve("runners"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private FileSource start() throws IOException {
    FileSource source = new FileSource(folder.resolve("runners"), Duration.ofMillis(5));
    source.start(endpoints -> told.add(hosts(endpoints)));
    return source;
  }

  private static List<String> hosts(List<Endpoint> endpoints) {
    return endpoints.stream().map(each -> each.address().toString()).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "b:2\na:1\n",
        "# ours\n b:2 # the first\r\n\n  a:1\nb:2",
        "[\"b:2\", \"a:1\"]",
        "\n [\"b:2\",\n\"a:1\", \"a:1\"]\n"
      })
  void readsLinesAndJson(String text) throws Exception {
    write(text);
    start().close();
    assertThat(told).containsExactly(List.of("b:2", "a:1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "# none\n", "[]", "a", "a:0", "[\"a:1\"", "[1]", "[\"a:1\"] x", "{\"a\":1}"})
  void whatIsNoListIsRefusedAtTheStartAndKeepsTheLastLater(String text) throws Exception {
    write(text);
    assertThatThrownBy(this::start)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.resolve("runners").toString());
    write("a:1");
    try (FileSource source = start()) {
      write(text);
      write("b:1");
      await().atMost(BOUND).until(() -> told.contains(List.of("b:1")));
      assertThat(told).containsExactly(List.of("a:1"), List.of("b:1"));
      assertThat(source).isNotNull();
    }
  }

  @Test
  void fileThatIsAwayKeepsTheLast() throws Exception {
    assertThatThrownBy(this::start).isInstanceOf(IOException.class);
    write("a:1");
    try (FileSource source = start()) {
      Files.delete(folder.resolve("runners"));
      write("a:1\nb:1");
      await().atMost(BOUND).until(() -> told.size() == 2);
      assertThat(told).containsExactly(List.of("a:1"), List.of("a:1", "b:1"));
      assertThat(source).isNotNull();
    }
  }
}
