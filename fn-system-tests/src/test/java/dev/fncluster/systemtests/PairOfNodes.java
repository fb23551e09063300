package dev.fncluster.systemtests;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * A certificate that load balancers and runners of a cluster share, in files.
 *
 * @param folder where the files are
 * @param notAfter when it ends
 */
record PairOfNodes(Path folder, Instant notAfter) {
  static PairOfNodes issue() throws Exception {
    Path folder = Files.createTempDirectory("fn-st-tls");
    X509Bundle own =
        new CertificateBuilder()
            .subject("CN=node")
            .ecp256()
            .addSanIpAddress("127.0.0.1")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(folder.resolve("node.pem"), own.getCertificatePathPEM());
    Files.writeString(folder.resolve("node.key"), own.getPrivateKeyPEM());
    return new PairOfNodes(folder, own.getCertificate().getNotAfter().toInstant());
  }

  /** {@code more}, and the settings with that prefix for one end of TLS. */
  Map<String, String> with(String prefix, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put(prefix + "_CERT_PATH", folder.resolve("node.pem").toString());
    settings.put(prefix + "_KEY_PATH", folder.resolve("node.key").toString());
    settings.put(prefix + "_CA_PATH", folder.resolve("node.pem").toString());
    return settings;
  }
}
