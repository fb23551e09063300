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
 * when the first half of what was sent has come back.
 */
@Tag("docker")
final class GracefulStopTest {
  private static final byte[] FIRST = "the first half, ".getBytes(StandardCharsets.UTF_8);
  private static final byte[] SECOND = "and the second".getBytes(StandardCharsets.UTF_8);

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
      FnClient.CreatedFn fn = cluster.client().createEcho();
      try (StreamingCall call = StreamingCall.post(cluster.client().invokeUri(fn))) {
        call.send(FIRST, FIRST.length);
        assertThat(call.readHead()).isEqualTo(200);
        assertThat(call.readExactly(FIRST.length)).isEqualTo(FIRST);

        choice.apply(cluster).forEach(NodeProcess::terminate);
        call.send(SECOND, SECOND.length);
        call.endRequest();

        assertThat(call.readExactly(SECOND.length)).isEqualTo(SECOND);
        assertThat(call.read(new byte[1])).as("the proper end of the body").isEqualTo(-1);
      }
      choice.apply(cluster).forEach(NodeProcess::awaitEnd);
      if (!choice.apply(cluster).equals(List.of(cluster.loadBalancer()))) {
        assertThat(cluster.containers()).isEmpty();
      }
    }
  }
}
