package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
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
  private static final long ALLOWED_GROWTH = 64 * MEBIBYTE;
  private static final long SAMPLE_EVERY = 8 * MEBIBYTE;
  private static final Executor VIRTUAL_THREADS = Thread::startVirtualThread;

  /**
   * The first bodies let the nodes take what streaming needs once; the last must not need more for
   * being larger. The function keeps it in a file until its request has ended: first all of it goes
   * up, then all of it comes down.
   */
  @Test
  void gibibyteGoesUpAndDownInFlatMemory(Cluster cluster) throws IOException {
    // The file is in memory, the function's own.
    FnClient.CreatedFn fn =
        cluster
            .client()
            .createFn(Repository.JAVA_IMAGE, body -> body.put("memory", 1_300).put("timeout", 120));
    for (int i = 0; i < 2 * cluster.runners().size(); i++) {
      echo(cluster, fn, 16 * MEBIBYTE, new ConcurrentHashMap<>());
    }
    Map<String, Long> before = new ConcurrentHashMap<>();
    sample(cluster, before);

    Map<String, Long> peaks = new ConcurrentHashMap<>();
    echo(cluster, fn, 1024 * MEBIBYTE, peaks);

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
          CompletableFuture.supplyAsync(() -> send(cluster, call, length, peaks), VIRTUAL_THREADS);
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
          nextSample = total + SAMPLE_EVERY;
        }
        count = call.read(part);
      }
      assertThat(total).isEqualTo(length);
      assertThat(received.getValue()).isEqualTo(sent.join());
    }
  }

  /** Sends random bytes, measuring now and then, and returns their checksum. */
  private static long send(
      Cluster cluster, StreamingCall call, long length, Map<String, Long> peaks) {
    SplittableRandom random = new SplittableRandom(length);
    CRC32C checksum = new CRC32C();
    byte[] part = new byte[PART];
    try {
      for (long left = length; left > 0; left -= part.length) {
        random.nextBytes(part);
        int count = (int) Math.min(left, part.length);
        checksum.update(part, 0, count);
        call.send(part, count);
        if (left % SAMPLE_EVERY == 0) {
          sample(cluster, peaks);
        }
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
