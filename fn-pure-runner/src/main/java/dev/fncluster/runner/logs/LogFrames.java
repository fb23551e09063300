package dev.fncluster.runner.logs;

import com.google.protobuf.ByteString;
import dev.fncluster.api.model.HeaderNames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The marks that FDKs write where the output of a call begins, when the config of the function asks
 * for them: with {@code FN_LOGFRAME_NAME=call} and {@code FN_LOGFRAME_HDR=Fn-Call-Id} they write,
 * to both streams, an empty line and {@code call=<id>}. Then it is certain to which call a line
 * belongs, also when calls follow each other without a pause.
 *
 * <p>A mark counts only when it names a call that this container was given. Thread-safe.
 */
final class LogFrames {
  private static final String NAME = "FN_LOGFRAME_NAME";
  private static final String HEADER = "FN_LOGFRAME_HDR";
  private static final int REMEMBERED_CALLS = 16;

  private final ByteString prefix;
  private final Deque<CallPeriod> calls = new ArrayDeque<>(REMEMBERED_CALLS);

  private LogFrames(ByteString prefix) {
    this.prefix = prefix;
  }

  /** The marks of a function with that environment, if it makes marks that name calls. */
  static Optional<LogFrames> of(Map<String, String> environment) {
    String name = environment.getOrDefault(NAME, "");
    return name.isEmpty() || !HeaderNames.CALL_ID.equalsIgnoreCase(environment.get(HEADER))
        ? Optional.empty()
        : Optional.of(new LogFrames(ByteString.copyFromUtf8(name + "=")));
  }

  synchronized void began(CallPeriod call) {
    if (calls.size() == REMEMBERED_CALLS) {
      calls.removeFirst();
    }
    calls.addLast(call);
  }

  /** The call whose output begins at {@code line}, or null if that is an ordinary line. */
  @Nullable CallPeriod read(ByteString line) {
    if (!line.startsWith(prefix)) {
      return null;
    }
    String id = line.substring(prefix.size()).toString(StandardCharsets.UTF_8).strip();
    synchronized (this) {
      for (CallPeriod each : calls) {
        if (each.callId.equals(id)) {
          return each;
        }
      }
      return null;
    }
  }
}
