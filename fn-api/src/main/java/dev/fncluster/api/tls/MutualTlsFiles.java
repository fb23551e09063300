package dev.fncluster.api.tls;

import java.util.List;

/**
 * What one end of a connection has whose both ends show a certificate.
 *
 * @param pem its files, with authorities
 * @param allowedNames common names or alternative names, of which the other end's certificate must
 *     have one; {@code *.} stands for exactly one label; empty for no such check
 */
public record MutualTlsFiles(PemFiles pem, List<String> allowedNames) {
  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException when there are no authorities
   */
  public MutualTlsFiles {
    if (pem.authorities().isEmpty()) {
      throw new IllegalArgumentException("no authorities");
    }
    allowedNames = List.copyOf(allowedNames);
  }
}
