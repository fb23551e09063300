package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Nodes are asked to stop while a call is on its way. The call is known to be within its function
 * when the first part of its answer has come; the function then pauses before it sends the rest.
 */
@Tag("docker")
final class GracefulStopTest {
  private static final byte[] REQUEST =
      "{\"pauseTime\":4000,\"echoContent\":\"x\",\"trailerRepeat\":3}"
          .getBytes(StandardCharsets.UTF_8);

  @Test
  void theLoadBalancerFinishesItsCalls() throws IOException {
    finishesItsCalls(cluster -> List.of(cluster.loadBalancer()));
  }

  @Test
  void runnersFinishTheirCallsAndLeaveNoContainer() throws IOException {
    finishesItsCalls(
        cluster -> cluster.runners().stream().map(Cluster.RunnerNode::process).toList());
  }

  @Test
  void aWholeClusterFinishesItsCalls() throws IOException {
    finishesItsCalls(Cluster::nodes);
  }

  /** Both runners are stopped where runners are, for either may have the call. */
  private static void finishesItsCalls(Function<Cluster, List<NodeProcess>> choice)
      throws IOException {
    try (Cluster cluster = Cluster.start()) {
      FnClient.CreatedFn fn = cluster.client().createKnobs(body -> {});
      try (StreamingCall call = StreamingCall.post(cluster.client().invokeUri(fn))) {
        call.send(REQUEST, REQUEST.length);
        call.endRequest();
        assertThat(call.readHead()).isEqualTo(200);
        StringBuilder answer = new StringBuilder(readPart(call));

        choice.apply(cluster).forEach(NodeProcess::terminate);

        String part = readPart(call);
        while (!part.isEmpty()) {
          answer.append(part);
          part = readPart(call);
        }
        assertThat(answer.toString())
            .startsWith("{\"request\":")
            .endsWith("\"trailer\":[\"x\",\"x\",\"x\"]}\n");
      }
      choice.apply(cluster).forEach(NodeProcess::awaitEnd);
      if (!choice.apply(cluster).equals(List.of(cluster.loadBalancer()))) {
        assertThat(cluster.containers()).isEmpty();
      }
    }
  }

  /** Reads some of the answer; nothing at its proper end. */
  private static String readPart(StreamingCall call) throws IOException {
    byte[] part = new byte[8192];
    int count = call.read(part);
    return count < 0 ? "" : new String(part, 0, count, StandardCharsets.UTF_8);
  }
}
