package dev.fncluster.api.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The test's thread is the loop: it runs what comes back from the disk. */
class ReplayBufferTest {
  private static final int MEMORY = 10_000;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path folder;
  private final ByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final List<ByteBuf> given = new ArrayList<>();
  private ReplaySpace space = ReplaySpace.inMemory();
  private ReplayBuffer buffer = new ReplayBuffer(space, allocator, tasks::add, () -> {});

  @BeforeEach
  void useFiles() {
    use(new ReplaySettings(MEMORY, Long.MAX_VALUE, folder, 1 << 20, 2 << 20));
  }

  private void use(ReplaySettings settings) {
    space = ReplaySpace.of(settings);
    buffer = new ReplayBuffer(space, allocator, tasks::add, () -> {});
  }

  @AfterEach
  void nothingStays() throws IOException {
    buffer.clear();
    assertThat(space.bytesInMemory()).isZero();
    assertThat(space.bytesInFiles()).isZero();
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          runTasks();
          assertThat(given).allMatch(each -> each.refCnt() == 0);
          assertThat(openFiles()).isEmpty();
        });
  }

  @Test
  void whatDoesNotFitInMemoryComesBackFromAFileWithoutAName() throws Exception {
    SplittableRandom random = new SplittableRandom(1);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (all.size() < 600_000) {
      // Single bytes and pieces larger than anything is cut into.
      byte[] piece = new byte[random.nextInt(4) == 0 ? random.nextInt(100_000) : 1];
      random.nextBytes(piece);
      all.writeBytes(piece);
      assertThat(append(piece)).isTrue();
    }
    assertThat(buffer.size()).isEqualTo(all.size());
    assertThat(space.bytesInFiles()).isGreaterThan(500_000);
    assertThat(read(0)).isEqualTo(all.toByteArray());
    try (Stream<Path> named = Files.list(folder)) {
      assertThat(named).isEmpty();
    }
    assertThat(openFiles()).hasSize(1);
    byte[] more = new byte[50_000];
    random.nextBytes(more);
    append(more);
    all.writeBytes(more);
    assertThat(read(0)).isEqualTo(all.toByteArray());
  }

  @Test
  void saturatedUntilTheDiskHasCaughtUp() {
    while (!buffer.isSaturated()) {
      assertThat(append(new byte[20_000])).isTrue();
    }
    assertThat(buffer.size()).isLessThan(1 << 20);
    await()
        .atMost(LIMIT)
        .until(() -> {
          runTasks();
          return !buffer.isSaturated();
        });
  }

  @Test
  void bodyLongerThanItsFileMayBeIsNotKept() {
    use(new ReplaySettings(MEMORY, Long.MAX_VALUE, folder, 20_000, 1 << 20));
    assertThat(append(new byte[MEMORY])).isTrue();
    assertThat(append(new byte[20_000])).isTrue();
    assertThat(append(new byte[1])).isFalse();
  }

  @Test
  void bodiesShareTheRoomOfAllFiles() {
    use(new ReplaySettings(0, Long.MAX_VALUE, folder, 1 << 20, 30_000));
    ReplayBuffer other = new ReplayBuffer(space, allocator, tasks::add, () -> {});
    assertThat(append(new byte[20_000])).isTrue();
    assertThat(append(other, new byte[20_000])).isFalse();
    buffer.clear();
    assertThat(append(other, new byte[20_000])).isTrue();
    other.clear();
  }

  @Test
  void bodiesShareMemoryAndGoToFilesBeyondIt() {
    use(new ReplaySettings(MEMORY, MEMORY + 10, folder, 1 << 20, 1 << 20));
    ReplayBuffer other = new ReplayBuffer(space, allocator, tasks::add, () -> {});
    assertThat(append(new byte[MEMORY])).isTrue();
    assertThat(append(other, new byte[10])).isTrue();
    assertThat(append(other, new byte[20])).isTrue();
    assertThat(space.bytesInMemory()).isEqualTo(MEMORY + 10);
    assertThat(space.bytesInFiles()).isEqualTo(20);
    buffer.clear();
    // A body in a file stays there: its bytes have an order.
    assertThat(append(other, new byte[1])).isTrue();
    assertThat(space.bytesInMemory()).isEqualTo(10);
    other.clear();
  }

  @Test
  void withoutFilesMemoryIsAll() {
    space = ReplaySpace.inMemory(MEMORY);
    buffer = new ReplayBuffer(space, allocator, tasks::add, () -> {});
    assertThat(append(new byte[MEMORY])).isTrue();
    assertThat(append(new byte[1])).isFalse();
  }

  @Test
  void failingDiskIsTold() {
    use(new ReplaySettings(0, Long.MAX_VALUE, folder.resolve("not-there"), 1 << 20, 1 << 20));
    assertThat(append(new byte[100])).isTrue();
    await()
        .atMost(LIMIT)
        .until(() -> {
          runTasks();
          return buffer.failure() != null;
        });
    assertThat(buffer.failure()).hasRootCauseInstanceOf(IOException.class);
    assertThat(buffer.from(0)).isNull();
    assertThat(append(new byte[1])).isFalse();
    assertThat(buffer.isSaturated()).isFalse();
  }

  @Test
  void clearedWhileTheDiskIsBusyReleasesAll() {
    for (int i = 0; i < 20; i++) {
      append(new byte[20_000]);
    }
    assertThat(buffer.from(MEMORY + 10_000)).isNull();
    buffer.clear();
    assertThat(buffer.size()).isZero();
  }

  @Test
  void folderThatCannotBeWrittenToStopsTheNode() {
    Map<String, String> wrong = Map.of("FN_REPLAY_DIR", folder.resolve("not-there").toString());
    assertThatThrownBy(() -> ReplaySettings.from(Settings.of(wrong)))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_REPLAY_DIR")
        .hasMessageContaining("not-there");
    ReplaySettings defaults = ReplaySettings.from(Settings.of(Map.of()));
    assertThat(defaults.memoryBytes()).isEqualTo(1 << 20);
    assertThat(defaults.totalMemoryBytes()).isPositive();
    assertThat(defaults.folder()).isDirectory();
    Map<String, String> total = Map.of("FN_REPLAY_TOTAL_MEMORY_BYTES", "1000");
    assertThat(ReplaySettings.from(Settings.of(total)).totalMemoryBytes()).isEqualTo(1000);
  }

  @Test
  void systemFolderThatCannotBeWrittenToMeansNoFiles() {
    ReplaySettings settings =
        ReplaySettings.from(Settings.of(Map.of()), folder.resolve("not-there"));
    assertThat(settings.fileBytes()).isZero();
    assertThat(settings.memoryBytes()).isEqualTo(1 << 20);
  }

  private boolean append(byte[] piece) {
    return append(buffer, piece);
  }

  private boolean append(ReplayBuffer to, byte[] piece) {
    ByteBuf bytes = Unpooled.wrappedBuffer(piece);
    given.add(bytes);
    boolean kept = to.append(bytes);
    if (piece.length > 0) {
      bytes.release();
    }
    return kept;
  }

  private byte[] read(long from) throws InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (from + all.size() < buffer.size()) {
      ByteBuf piece = buffer.from(from + all.size());
      if (piece != null) {
        all.writeBytes(ByteBufUtil.getBytes(piece));
        piece.release();
      } else {
        Runnable task = tasks.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(task).as("something from the disk").isNotNull();
        task.run();
      }
    }
    return all.toByteArray();
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** The files below the test's folder that this process has open. */
  private List<String> openFiles() throws IOException {
    List<String> open = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      for (Path each : all.toList()) {
        try {
          String target = Files.readSymbolicLink(each).toString();
          if (target.startsWith(folder.toString())) {
            open.add(target);
          }
        } catch (IOException gone) {
          // Closed since it was listed.
          continue;
        }
      }
    }
    return open;
  }
}
