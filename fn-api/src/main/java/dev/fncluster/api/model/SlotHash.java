package dev.fncluster.api.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/**
 * The key under which hot containers can be shared: SHA-256 over everything that shapes a
 * container. Two calls with the same key may be served by the same container.
 *
 * <p>The byte sequence is part of the protocol between nodes. Its config must hold {@code
 * FN_LISTENER} and {@code FN_FORMAT}, which every container gets; see {@link #CONTAINER_CONFIG}.
 */
public final class SlotHash {
  /** What every container gets on top of a call's own config. */
  public static final Map<String, String> CONTAINER_CONFIG =
      Map.of("FN_LISTENER", "unix:/tmp/iofs/lsnr.sock", "FN_FORMAT", "http-stream");

  private SlotHash() {}

  /**
   * The key of {@code call} as lower-case hex.
   *
   * @param config the call's config including {@link #CONTAINER_CONFIG}
   * @param driverExtension what the container driver adds to the key; may be empty
   */
  public static String hex(Call call, Map<String, String> config, String driverExtension) {
    MessageDigest digest = sha256();
    text(digest, call.appId());
    text(digest, call.syslogUrl());
    text(digest, call.fnId());
    text(digest, call.image());
    littleEndian(digest, call.timeout(), 4);
    littleEndian(digest, call.idleTimeout(), 4);
    littleEndian(digest, call.tmpfsSize(), 4);
    littleEndian(digest, call.memory(), 8);
    littleEndian(digest, call.cpus(), 8);
    zero(digest);
    map(digest, config);
    zero(digest);
    map(digest, call.annotations());
    if (!driverExtension.isEmpty()) {
      text(digest, driverExtension);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * A key for containers that {@code key} alone does not tell apart.
   *
   * @param more what else makes a difference; their order matters
   */
  public static String combined(String key, String... more) {
    MessageDigest digest = sha256();
    text(digest, key);
    for (String each : more) {
      // With its length, so that no two lists of texts look the same.
      littleEndian(digest, each.length(), 4);
      text(digest, each);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void map(MessageDigest digest, Map<String, String> map) {
    byte[][] keys = map.keySet().stream().map(SlotHash::utf8).toArray(byte[][]::new);
    // By unsigned bytes: Java's own order of strings differs for characters beyond the BMP.
    Arrays.sort(keys, Arrays::compareUnsigned);
    for (byte[] key : keys) {
      digest.update(key);
      zero(digest);
      digest.update(utf8(map.getOrDefault(new String(key, StandardCharsets.UTF_8), "")));
      zero(digest);
    }
  }

  private static void text(MessageDigest digest, String value) {
    digest.update(utf8(value));
    zero(digest);
  }

  private static void zero(MessageDigest digest) {
    digest.update((byte) 0);
  }

  private static void littleEndian(MessageDigest digest, long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      digest.update((byte) (value >>> (8 * i)));
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
