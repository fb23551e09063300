package dev.fncluster.api.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is in {@link PemFiles}: read, and found to belong together.
 *
 * @param certificates the own one first
 * @param key of the first certificate
 * @param authorities empty when there are none
 */
public record TlsMaterial(
    List<X509Certificate> certificates, PrivateKey key, List<X509Certificate> authorities) {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
  private static final int MAX_BYTES = 4 << 20;

  /** Copies the lists. */
  public TlsMaterial {
    certificates = List.copyOf(certificates);
    authorities = List.copyOf(authorities);
  }

  /** When the first of {@link #certificates} ends: nobody trusts the own one without the others. */
  Instant notAfter() {
    return certificates.stream()
        .map(each -> each.getNotAfter().toInstant())
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }

  /** The bytes of the files, to tell whether they have changed. */
  record Bytes(byte[] certificates, byte[] key, byte[] authorities) {
    static Bytes read(PemFiles files) throws IOException {
      return new Bytes(
          bytes(files.certificates()),
          bytes(files.key()),
          files.authorities().isPresent() ? bytes(files.authorities().get()) : new byte[0]);
    }

    boolean isSame(Bytes other) {
      return Arrays.equals(certificates, other.certificates)
          && Arrays.equals(key, other.key)
          && Arrays.equals(authorities, other.authorities);
    }

    private static byte[] bytes(Path file) throws IOException {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException(file + " is longer than " + MAX_BYTES + " bytes");
      }
      return Files.readAllBytes(file);
    }
  }

  /**
   * Takes the files apart.
   *
   * @throws IOException when a file does not hold what it should; the message says which
   */
  static TlsMaterial of(PemFiles files, Bytes bytes) throws IOException {
    List<X509Certificate> certificates = certificates(files.certificates(), bytes.certificates());
    PrivateKey key = key(files.key(), bytes.key());
    if (!belongs(key, certificates.getFirst())) {
      throw new IOException(files.key() + " is not the key of " + files.certificates());
    }
    List<X509Certificate> authorities =
        files.authorities().isPresent()
            ? certificates(files.authorities().get(), bytes.authorities())
            : List.of();
    return new TlsMaterial(certificates, key, authorities);
  }

  private static List<X509Certificate> certificates(Path file, byte[] pem) throws IOException {
    List<X509Certificate> all = new ArrayList<>();
    try {
      for (var each :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))) {
        all.add((X509Certificate) each);
      }
    } catch (CertificateException e) {
      throw new IOException(file + " holds what is no certificate in PEM", e);
    }
    if (all.isEmpty()) {
      throw new IOException(file + " holds no certificate in PEM");
    }
    return all;
  }

  private static PrivateKey key(Path file, byte[] pem) throws IOException {
    Matcher matcher = KEY.matcher(new String(pem, StandardCharsets.ISO_8859_1));
    if (!matcher.find()) {
      throw new IOException(
          file
              + " holds no private key in PEM, PKCS #8 and without a password;"
              + " openssl pkcs8 -topk8 -nocrypt makes one of others");
    }
    PKCS8EncodedKeySpec encoded =
        new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(matcher.group(1)));
    for (String algorithm : List.of("EC", "RSA", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
      } catch (InvalidKeySpecException e) {
        // It is of another kind; the last one has none after it, and that is told below.
        continue;
      } catch (GeneralSecurityException e) {
        throw new IOException("this JDK can't read keys of the kind " + algorithm, e);
      }
    }
    throw new IOException(file + " holds a private key that is neither EC, RSA nor EdDSA");
  }

  private static boolean belongs(PrivateKey key, X509Certificate certificate) throws IOException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> "EdDSA";
        };
    byte[] text = new byte[32];
    new SecureRandom().nextBytes(text);
    try {
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(key);
      signing.update(text);
      byte[] signature = signing.sign();
      Signature verifying = Signature.getInstance(algorithm);
      verifying.initVerify(certificate.getPublicKey());
      verifying.update(text);
      return verifying.verify(signature);
    } catch (java.security.InvalidKeyException | java.security.SignatureException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IOException("this JDK can't sign with " + algorithm, e);
    }
  }
}
