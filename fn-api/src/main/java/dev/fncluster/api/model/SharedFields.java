package dev.fncluster.api.model;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * What all calls of a fn have in common, with its JSON, which is written once instead of for each
 * call. Immutable.
 */
public final class SharedFields {
  private final String image;
  private final int timeout;
  private final int idleTimeout;
  private final long tmpfsSize;
  private final long memory;
  private final int cpus;
  private final Map<String, String> config;
  private final Map<String, String> annotations;
  private final String syslogUrl;
  private final String appId;
  private final String appName;
  private final String fnId;

  private final Map<CallPiece, SerializableString> pieces = new EnumMap<>(CallPiece.class);

  private SharedFields(Call call) {
    image = call.image();
    timeout = call.timeout();
    idleTimeout = call.idleTimeout();
    tmpfsSize = call.tmpfsSize();
    memory = call.memory();
    cpus = call.cpus();
    config = Map.copyOf(call.config());
    annotations = Map.copyOf(call.annotations());
    syslogUrl = call.syslogUrl();
    appId = call.appId();
    appName = call.appName();
    fnId = call.fnId();
    for (CallPiece piece : CallPiece.values()) {
      pieces.put(piece, new SerializedString(CallJson.piece(piece, call)));
    }
  }

  /** Those of {@code call}, of which copies are taken. */
  public static SharedFields of(Call call) {
    return new SharedFields(call);
  }

  /** A new call of the fn. Its maps are unmodifiable. */
  public Call newCall() {
    return new Call(this)
        .image(image)
        .timeout(timeout)
        .idleTimeout(idleTimeout)
        .tmpfsSize(tmpfsSize)
        .memory(memory)
        .cpus(cpus)
        .syslogUrl(syslogUrl)
        .appId(appId)
        .appName(appName)
        .fnId(fnId);
  }

  /** Whether {@code call} still has what it got of these: overriders may have changed it. */
  @SuppressWarnings("ReferenceEquality")
  boolean areThoseOf(Call call) {
    return config == call.config()
        && annotations == call.annotations()
        && timeout == call.timeout()
        && idleTimeout == call.idleTimeout()
        && tmpfsSize == call.tmpfsSize()
        && memory == call.memory()
        && cpus == call.cpus()
        && image.equals(call.image())
        && syslogUrl.equals(call.syslogUrl())
        && appId.equals(call.appId())
        && appName.equals(call.appName())
        && fnId.equals(call.fnId());
  }

  /** Unmodifiable. */
  Map<String, String> config() {
    return config;
  }

  /** Unmodifiable. */
  Map<String, String> annotations() {
    return annotations;
  }

  /** The JSON of {@code piece}: begins with a comma, or is empty where no field is written. */
  SerializableString json(CallPiece piece) {
    return Objects.requireNonNull(pieces.get(piece));
  }

  /** How many characters of JSON these are. */
  int length() {
    int length = 0;
    for (SerializableString piece : pieces.values()) {
      length += piece.charLength();
    }
    return length;
  }
}
