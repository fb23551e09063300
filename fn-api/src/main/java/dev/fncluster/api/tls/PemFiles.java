package dev.fncluster.api.tls;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where one end of TLS has what it shows and what it trusts.
 *
 * @param certificates its certificate, then those that lead to a root, in PEM
 * @param key the private key of the first of them, PKCS #8 in PEM, not encrypted
 * @param authorities whose certificates the other end must have, in PEM; without them a server asks
 *     its clients for none
 */
public record PemFiles(Path certificates, Path key, Optional<Path> authorities) {}
