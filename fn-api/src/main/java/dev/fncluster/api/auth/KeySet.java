package dev.fncluster.api.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys of an identity provider that can check signatures. Immutable. */
final class KeySet {
  // One that names no key is tried with each.
  private static final int MAX_KEYS = 32;
  private static final int LEAST_RSA_BITS = 2048;

  private final JWKSet keys;

  private KeySet(JWKSet keys) {
    this.keys = keys;
  }

  /**
   * Reads a JWK set. Keys that are secret, too short or for other uses are left out.
   *
   * @throws IllegalArgumentException when it is malformed or nothing of use is in it
   */
  static KeySet parse(byte[] json) {
    JWKSet all;
    try {
      all = JWKSet.parse(new String(json, StandardCharsets.UTF_8));
    } catch (ParseException e) {
      throw new IllegalArgumentException("not a set of keys (JWK set)", e);
    }
    List<JWK> fit = all.getKeys().stream().filter(KeySet::isFit).map(JWK::toPublicJWK).toList();
    if (fit.isEmpty() || fit.size() > MAX_KEYS) {
      throw new IllegalArgumentException(
          "expected 1 to " + MAX_KEYS + " public keys for signatures, found " + fit.size());
    }
    return new KeySet(new JWKSet(fit));
  }

  JWKSet keys() {
    return keys;
  }

  boolean isSameAs(KeySet other) {
    return keys.equals(other.keys);
  }

  boolean has(@Nullable String keyId) {
    return keyId != null && keys.getKeyByKeyId(keyId) != null;
  }

  private static boolean isFit(JWK key) {
    if (!(key instanceof AsymmetricJWK) || KeyUse.ENCRYPTION.equals(key.getKeyUse())) {
      return false;
    }
    try {
      return !(key instanceof RSAKey rsa)
          || rsa.toRSAPublicKey().getModulus().bitLength() >= LEAST_RSA_BITS;
    } catch (JOSEException e) {
      return false;
    }
  }
}
