package dev.fncluster.runner.container;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/** Mounts file systems in memory, by the calls of the C library. Linux only; needs the rights. */
final class Tmpfs {
  // From sys/mount.h.
  private static final long NO_SET_UID = 2;
  private static final long NO_DEVICES = 4;
  private static final long NO_PROGRAMS = 8;
  private static final int DETACH = 2;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle MOUNT =
      function(
          "mount",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.ADDRESS,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_LONG,
              ValueLayout.ADDRESS));
  private static final MethodHandle UNMOUNT =
      function(
          "umount2",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

  private Tmpfs() {}

  private static MethodHandle function(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
  }

  /**
   * Mounts one on {@code directory}, from which nothing can be executed.
   *
   * @param options as for mount(8), such as {@code size=1m,mode=0777}; may be empty
   * @throws IOException with the number of the error, when the kernel refuses
   */
  static void mount(Path directory, String options) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment type = arena.allocateFrom("tmpfs");
      int result =
          (int)
              MOUNT.invokeExact(
                  state,
                  type,
                  arena.allocateFrom(directory.toString()),
                  type,
                  NO_SET_UID | NO_DEVICES | NO_PROGRAMS,
                  arena.allocateFrom(options));
      check(result, state, "mount a tmpfs on " + directory);
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("mount can't be called", e);
    }
  }

  /**
   * Unmounts what is on {@code directory}, for those who still use it when they let go of it.
   *
   * @return false if nothing was mounted there
   */
  static boolean unmount(Path directory) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result =
          (int) UNMOUNT.invokeExact(state, arena.allocateFrom(directory.toString()), DETACH);
      // EINVAL: no mount point.
      if (result != 0 && (int) ERRNO.get(state, 0L) == 22) {
        return false;
      }
      check(result, state, "unmount " + directory);
      return true;
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("umount2 can't be called", e);
    }
  }

  private static void check(int result, MemorySegment state, String what) throws IOException {
    if (result != 0) {
      int error = (int) ERRNO.get(state, 0L);
      throw new IOException(
          "can't "
              + what
              + ": error "
              + error
              + (error == 1 ? " (a runner needs CAP_SYS_ADMIN for FN_IOFS_TMPFS)" : ""));
    }
  }
}
