package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;

/** A local cluster whose nodes all have an {@link ObedientExtension}. */
record ExtendedCluster(LocalCluster nodes, Heard heard) implements AutoCloseable {
  /** What callers are told of an extension that failed. */
  static final String FAILED = "an extension of this server failed";

  static ExtendedCluster start() {
    Heard heard = new Heard();
    return new ExtendedCluster(
        LocalCluster.start(
            Map.of("FN_EXTENSION_TIMEOUT", "2s", "FN_RID_HEADER", "Req-Id"),
            new ObedientExtension(heard)),
        heard);
  }

  static void assertFailed(String how, WireClient.Answer answer) {
    assertThat(answer.status()).as(how).isEqualTo(500);
    assertThat(answer.message()).as(how).isEqualTo(FAILED);
  }

  @Override
  public void close() throws IOException {
    nodes.close();
  }
}
