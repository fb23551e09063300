package dev.fncluster.runner.logs;

import com.google.protobuf.ByteString;
import dev.fncluster.runner.driver.OutputSource;
import org.apiguardian.api.API;

/**
 * One line that a function wrote.
 *
 * @param timestampMillis when it was read, in milliseconds since 1970 UTC
 * @param data without the end of the line; any bytes, not necessarily text
 * @param callId empty for what belongs to the container but to no call
 */
@API(status = API.Status.STABLE, since = "0.1")
public record LogLine(
    long timestampMillis,
    OutputSource source,
    ByteString data,
    String appId,
    String fnId,
    String containerId,
    String callId) {
  // What an object of this kind takes beside its data, roughly; the ids are shared.
  private static final int OVERHEAD = 96;

  /** About how many bytes of memory it takes. */
  public int footprint() {
    return data.size() + OVERHEAD;
  }
}
