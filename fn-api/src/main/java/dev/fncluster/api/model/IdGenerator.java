package dev.fncluster.api.model;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Makes ids for apps, fns, triggers, calls and containers: 26 characters that sort by time.
 *
 * <pre>
 *   48 bits  milliseconds since 1970
 *   48 bits  machine: an IPv4 address (32) and a port (16)
 *   32 bits  a counter, from 1
 * </pre>
 *
 * big-endian, in base 32 with the alphabet {@code 0-9A-Z} less I, L, O and U; the first character
 * carries three bits, every other five.
 *
 * <p>Thread-safe.
 */
public final class IdGenerator {
  private static final byte[] ALPHABET =
      "0123456789ABCDEFGHJKMNPQRSTVWXYZ".getBytes(StandardCharsets.ISO_8859_1);
  private static final int LENGTH = 26;

  private final long machine;
  private final LongSupplier millis;
  private final AtomicInteger counter = new AtomicInteger();

  /**
   * A generator for one process of one machine.
   *
   * @param machine the lowest 48 bits are used
   * @param millis a clock of milliseconds since 1970
   */
  public IdGenerator(long machine, LongSupplier millis) {
    this.machine = machine & 0xFFFF_FFFF_FFFFL;
    this.millis = millis;
  }

  /** A generator for this machine and the server that listens on {@code port}. */
  public static IdGenerator forThisMachine(int port) {
    long address = 0;
    for (byte b : localAddress()) {
      address = address << 8 | (b & 0xFF);
    }
    return new IdGenerator(address << 16 | (port & 0xFFFF), System::currentTimeMillis);
  }

  /** A new id. */
  public String next() {
    return next(millis.getAsLong());
  }

  /** A new id of a moment that the caller knows, in milliseconds since 1970. */
  public String next(long now) {
    long time = now & 0xFFFF_FFFF_FFFFL;
    long high = time << 16 | machine >>> 32;
    long low = machine << 32 | (counter.incrementAndGet() & 0xFFFF_FFFFL);
    byte[] out = new byte[LENGTH];
    for (int i = LENGTH - 1; i >= 0; i--) {
      out[i] = ALPHABET[(int) (low & 31)];
      low = low >>> 5 | high << 59;
      high >>>= 5;
    }
    return new String(out, StandardCharsets.ISO_8859_1);
  }

  private static byte[] localAddress() {
    try {
      for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        if (each.isLoopback() || each.getName().equals("docker0")) {
          continue;
        }
        for (InterfaceAddress candidate : each.getInterfaceAddresses()) {
          if (candidate.getAddress() instanceof Inet4Address found) {
            return found.getAddress();
          }
        }
      }
    } catch (SocketException e) {
      // A machine whose interfaces can't be listed still needs ids; the loopback address will do.
    }
    return InetAddress.ofLiteral("127.0.0.1").getAddress();
  }
}
