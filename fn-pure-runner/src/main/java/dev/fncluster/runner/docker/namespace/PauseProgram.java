package dev.fncluster.runner.docker.namespace;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The smallest program for Linux that does nothing until it is killed: an ELF file of one segment,
 * with a loop around a system call that waits for a signal. Needs no library, no shell and no file.
 */
final class PauseProgram {
  private static final int HEADER = 64;
  private static final int SEGMENT_HEADER = 56;
  private static final long ADDRESS = 0x400000;

  private PauseProgram() {}

  /**
   * The program for machines that an engine calls {@code architecture}; empty when it is not known
   * how to write it for them.
   */
  static Optional<byte[]> of(String architecture) {
    return switch (architecture) {
      // mov eax, 34 (pause); syscall; jmp to the begin
      case "amd64" -> Optional.of(elf(62, "b822000000" + "0f05" + "ebf7"));
      // mov x0 to x4, 0; mov x8, 73 (ppoll, for there is no pause); svc 0; b to the begin
      case "arm64" ->
          Optional.of(
              elf(
                  183,
                  "000080d2"
                      + "010080d2"
                      + "020080d2"
                      + "030080d2"
                      + "040080d2"
                      + "280980d2"
                      + "010000d4"
                      + "f9ffff17"));
      default -> Optional.empty();
    };
  }

  private static byte[] elf(int machine, String code) {
    byte[] instructions = HexFormat.of().parseHex(code);
    long start = HEADER + SEGMENT_HEADER;
    long size = start + instructions.length;
    return ByteBuffer.allocate((int) size)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(new byte[] {0x7f, 'E', 'L', 'F'})
        .put((byte) 2) // 64 bits
        .put((byte) 1) // little-endian
        .put((byte) 1) // version
        .put(new byte[9]) // System V
        .putShort((short) 2) // executable at a fixed address
        .putShort((short) machine)
        .putInt(1) // version
        .putLong(ADDRESS + start) // where it begins
        .putLong(HEADER) // where the headers of segments are
        .putLong(0) // no sections
        .putInt(0) // flags
        .putShort((short) HEADER)
        .putShort((short) SEGMENT_HEADER)
        .putShort((short) 1) // one segment
        .putShort((short) 64) // size of a section's header
        .putShort((short) 0)
        .putShort((short) 0)
        .putInt(1) // to be loaded
        .putInt(5) // readable and executable
        .putLong(0)
        .putLong(ADDRESS)
        .putLong(ADDRESS)
        .putLong(size)
        .putLong(size)
        .putLong(0x10000) // the largest page there is
        .put(instructions)
        .array();
  }
}
