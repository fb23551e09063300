package dev.fncluster.api.http;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that begin alike. Immutable.
 *
 * @param bytes of the first one
 * @param prefix how many bits are the same
 */
record Network(byte[] bytes, int prefix) {
  /** A network such as {@code 10.0.0.0/8}, or a single address; empty when the text is none. */
  static Optional<Network> parse(String text) {
    int slash = text.indexOf('/');
    byte[] bytes =
        NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
    if (bytes == null) {
      return Optional.empty();
    }
    int bits = bytes.length * 8;
    if (slash < 0) {
      return Optional.of(new Network(bytes, bits));
    }
    try {
      int prefix = Integer.parseInt(text.substring(slash + 1));
      return prefix < 0 || prefix > bits
          ? Optional.empty()
          : Optional.of(new Network(bytes, prefix));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  boolean contains(InetAddress address) {
    byte[] other = address.getAddress();
    if (other.length != bytes.length) {
      return false;
    }
    int whole = prefix / 8;
    for (int i = 0; i < whole; i++) {
      if (bytes[i] != other[i]) {
        return false;
      }
    }
    int rest = prefix % 8;
    return rest == 0 || (bytes[whole] ^ other[whole]) >> (8 - rest) << (8 - rest) == 0;
  }

  /**
   * The address in what a proxy writes of where a request came from, which may have a port: never
   * looks a name up.
   *
   * @return null when there is none
   */
  static @Nullable InetAddress address(String text) {
    String bare = text;
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      String rest = end < 0 ? "" : text.substring(end + 1);
      if (end < 0 || !(rest.isEmpty() || rest.matches(":\\d{1,5}"))) {
        return null;
      }
      bare = text.substring(1, end);
    } else if (text.indexOf(':') >= 0 && text.indexOf(':') == text.lastIndexOf(':')) {
      if (!text.matches("[^:]*:\\d{1,5}")) {
        return null;
      }
      bare = text.substring(0, text.indexOf(':'));
    }
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(bare);
    try {
      return bytes == null || bare.indexOf('%') >= 0 ? null : InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      // Only for arrays of another length.
      return null;
    }
  }
}
