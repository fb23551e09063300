package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bodies that are larger than any buffer pass through. */
@Tag("docker")
@ExtendWith(ClusterExtension.class)
final class BigBodyTest {
  private static final int PART = 64 << 10;
  private static final long MEBIBYTE = 1L << 20;
  private static final long ALLOWED_GROWTH = 96 * MEBIBYTE;
  private static final Executor VIRTUAL_THREADS = Thread::startVirtualThread;

  /**
   * The first body lets both nodes take what streaming needs once; the second must not need more
   * for being larger.
   */
  @Test
  void echoesAHundredMebibytesInFlatMemory(Cluster cluster) throws IOException {
    // The function keeps the body until its request has ended, in its own memory.
    FnClient.CreatedFn fn =
        cluster.client().createFn(Repository.JAVA_IMAGE, body -> body.put("memory", 256));
    for (int i = 0; i < 2 * cluster.runners().size(); i++) {
      echo(cluster, fn, 16 * MEBIBYTE, new HashMap<>());
    }
    Map<String, Long> before = new HashMap<>();
    sample(cluster, before);

    Map<String, Long> peaks = new HashMap<>();
    echo(cluster, fn, 100 * MEBIBYTE, peaks);

    assertThat(peaks).containsKey(cluster.loadBalancer().name());
    peaks.forEach((node, peak) ->
        assertThat(peak - before.getOrDefault(node, 0L))
            .as("growth of the resident memory of %s, in bytes", node)
            .isLessThan(ALLOWED_GROWTH));
  }

  private static void echo(
      Cluster cluster, FnClient.CreatedFn fn, long length, Map<String, Long> peaks)
      throws IOException {
    try (StreamingCall call = StreamingCall.post(cluster.client().invokeUri(fn))) {
      CompletableFuture<Long> sent =
          CompletableFuture.supplyAsync(() -> send(call, length), VIRTUAL_THREADS);
      assertThat(call.readHead()).isEqualTo(200);
      CRC32C received = new CRC32C();
      byte[] part = new byte[PART];
      long total = 0;
      long nextSample = 0;
      int count = call.read(part);
      while (count >= 0) {
        received.update(part, 0, count);
        total += count;
        if (total >= nextSample) {
          sample(cluster, peaks);
          nextSample = total + 4 * MEBIBYTE;
        }
        count = call.read(part);
      }
      assertThat(total).isEqualTo(length);
      assertThat(received.getValue()).isEqualTo(sent.join());
    }
  }

  /** Sends random bytes and returns their checksum. */
  private static long send(StreamingCall call, long length) {
    SplittableRandom random = new SplittableRandom(length);
    CRC32C checksum = new CRC32C();
    byte[] part = new byte[PART];
    try {
      for (long left = length; left > 0; left -= part.length) {
        random.nextBytes(part);
        int count = (int) Math.min(left, part.length);
        checksum.update(part, 0, count);
        call.send(part, count);
      }
      call.endRequest();
      return checksum.getValue();
    } catch (IOException failure) {
      throw new CompletionException(failure);
    }
  }

  private static void sample(Cluster cluster, Map<String, Long> peaks) {
    peaks.merge(cluster.loadBalancer().name(), cluster.loadBalancer().residentBytes(), Math::max);
    for (Cluster.RunnerNode runner : cluster.runners()) {
      peaks.merge(runner.process().name(), runner.process().residentBytes(), Math::max);
    }
  }
}
