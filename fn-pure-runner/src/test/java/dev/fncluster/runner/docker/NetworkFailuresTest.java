package dev.fncluster.runner.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.exception.DockerException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NetworkFailuresTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          network blue not found | true
          failed to create endpoint x on network bridge: adding interface veth1 to bridge docker0 failed: could not find bridge docker0 | true
          failed to set up container networking: network blue not found | true
          no available IPv4 addresses on this network's address pools: blue (1a2b) | true
          failed to create shim task: OCI runtime create failed: exec: "network": not found | false
          OCI runtime create failed: runc create failed: unable to start container process | false
          """)
  void knowsTheWordsOfEngines(String text, boolean expected) {
    assertThat(NetworkFailures.isOne(new DockerException(text, 500))).isEqualTo(expected);
  }
}
