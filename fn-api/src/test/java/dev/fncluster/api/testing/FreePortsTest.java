package dev.fncluster.api.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FreePortsTest {
  @Test
  void noPortOfAConnectionAndNoneTwice() throws Exception {
    Set<Integer> had = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      try (ServerSocket ephemeral = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        int port = FreePorts.next();
        assertThat(port).isNotEqualTo(ephemeral.getLocalPort()).isGreaterThanOrEqualTo(10_000);
        assertThat(had.add(port)).isTrue();
      }
    }
  }

  @Test
  void portInUseIsLeftOut() throws Exception {
    int free = FreePorts.next();
    try (ServerSocket taken = new ServerSocket(free + 1, 1, InetAddress.getLoopbackAddress())) {
      assertThat(FreePorts.next()).isGreaterThan(taken.getLocalPort());
    }
  }
}
