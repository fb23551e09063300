package dev.fncluster.api.model;

import dev.fncluster.api.trace.CallTrace;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * The model of one call: what travels from the load balancer to the runner, and what either knows
 * about its progress.
 *
 * <p>Mutable, because overriders may change it and agents fill in its times. Confined to the event
 * loop of the call, and to the overrider, listener or hook that is run with it until that returns:
 * what outlives this is a {@link #copy()}. A container launch that the call caused fills in {@link
 * #timings()}.
 */
@API(status = API.Status.STABLE, since = "0.1")
public final class Call {
  private String id = "";
  private String status = "";
  private String image = "";
  private CallType type = CallType.SYNC;
  private String payload = "";
  private String url = "";
  private String method = "";
  private int timeout;
  private int idleTimeout;
  private long tmpfsSize;
  private long memory;
  private int cpus;
  private Map<String, String> config;
  private Map<String, String> annotations;
  private @Nullable SharedFields shared;
  private Headers headers = new Headers();
  private String syslogUrl = "";
  private boolean networkDisabled;
  private @Nullable Instant createdAt;
  private @Nullable Instant startedAt;
  private @Nullable Instant completedAt;
  private long executionNanos;
  private String error = "";
  private String appId = "";
  private String appName = "";
  private String triggerId = "";
  private String fnId = "";
  private final CallTimings timings = new CallTimings();
  private CallTrace trace = CallTrace.NONE;
  private String requestId = "";

  /** A call of which nothing is known yet. */
  public Call() {
    config = new HashMap<>();
    annotations = new HashMap<>();
  }

  Call(SharedFields ofFn) {
    shared = ofFn;
    config = ofFn.config();
    annotations = ofFn.annotations();
  }

  /** The spans of the call on this node. Does not travel with the model. */
  @API(status = API.Status.INTERNAL)
  public CallTrace trace() {
    return trace;
  }

  /** Sets {@link #trace()}. */
  @API(status = API.Status.INTERNAL)
  public Call trace(CallTrace value) {
    trace = Objects.requireNonNull(value, "trace");
    return this;
  }

  /**
   * The id by which the client knows its request, for logs and traces; empty for none. Does not
   * travel with the model.
   */
  @API(status = API.Status.INTERNAL)
  public String requestId() {
    return requestId;
  }

  /** Sets {@link #requestId()}. */
  @API(status = API.Status.INTERNAL)
  public Call requestId(String value) {
    requestId = value;
    return this;
  }

  /** The id of the call. */
  public String id() {
    return id;
  }

  /** Sets {@link #id()}. */
  public Call id(String value) {
    id = Objects.requireNonNull(value, "id");
    return this;
  }

  /** {@code running}, {@code success}, {@code timeout}, {@code error}, or empty. */
  public String status() {
    return status;
  }

  /** Sets {@link #status()}. */
  public Call status(String value) {
    status = Objects.requireNonNull(value, "status");
    return this;
  }

  /** The image of the function. */
  public String image() {
    return image;
  }

  /** Sets {@link #image()}. */
  public Call image(String value) {
    image = Objects.requireNonNull(value, "image");
    return this;
  }

  /** Whether the caller waits. */
  public CallType type() {
    return type;
  }

  /** Sets {@link #type()}. */
  public Call type(CallType value) {
    type = Objects.requireNonNull(value, "type");
    return this;
  }

  /** A body that came with the model; empty on calls over HTTP. */
  public String payload() {
    return payload;
  }

  /** Sets {@link #payload()}. */
  public Call payload(String value) {
    payload = Objects.requireNonNull(value, "payload");
    return this;
  }

  /** The absolute URL of the client's request. */
  public String url() {
    return url;
  }

  /** Sets {@link #url()}. */
  public Call url(String value) {
    url = Objects.requireNonNull(value, "url");
    return this;
  }

  /** The method of the client's request. */
  public String method() {
    return method;
  }

  /** Sets {@link #method()}. */
  public Call method(String value) {
    method = Objects.requireNonNull(value, "method");
    return this;
  }

  /** Seconds that the call may spend in its container. */
  public int timeout() {
    return timeout;
  }

  /** Sets {@link #timeout()}. */
  public Call timeout(int seconds) {
    timeout = seconds;
    return this;
  }

  /** Seconds that its container is kept when idle. */
  public int idleTimeout() {
    return idleTimeout;
  }

  /** Sets {@link #idleTimeout()}. */
  public Call idleTimeout(int seconds) {
    idleTimeout = seconds;
    return this;
  }

  /** Size of the container's {@code /tmp} in MiB; 0 for no limit of its own. */
  public long tmpfsSize() {
    return tmpfsSize;
  }

  /** Sets {@link #tmpfsSize()}. */
  public Call tmpfsSize(long mebibytes) {
    tmpfsSize = mebibytes;
    return this;
  }

  /** Memory of the container in MiB; unsigned. */
  public long memory() {
    return memory;
  }

  /** Sets {@link #memory()}. */
  public Call memory(long mebibytes) {
    memory = mebibytes;
    return this;
  }

  /** CPU of the container in thousandths; 0 for no limit. */
  public int cpus() {
    return cpus;
  }

  /** Sets {@link #cpus()}. */
  public Call cpus(int milliCpus) {
    cpus = milliCpus;
    return this;
  }

  /** The environment of the function. Never mutate a map that was set; set another. */
  public Map<String, String> config() {
    return config;
  }

  /** Sets {@link #config()}. */
  public Call config(Map<String, String> value) {
    config = Objects.requireNonNull(value, "config");
    return this;
  }

  /** Key to compact JSON text. Never mutate a map that was set; set another. */
  public Map<String, String> annotations() {
    return annotations;
  }

  /** Sets {@link #annotations()}. */
  public Call annotations(Map<String, String> value) {
    annotations = Objects.requireNonNull(value, "annotations");
    return this;
  }

  /** What is known of all calls of the fn, if this call still has all of it; else null. */
  @Nullable SharedFields shared() {
    SharedFields ofFn = shared;
    return ofFn != null && ofFn.areThoseOf(this) ? ofFn : null;
  }

  /** The headers of the request. */
  public Headers headers() {
    return headers;
  }

  /** Sets {@link #headers()}. */
  public Call headers(Headers value) {
    headers = Objects.requireNonNull(value, "headers");
    return this;
  }

  /** Where the engine sends the container's logs; empty for nowhere. */
  public String syslogUrl() {
    return syslogUrl;
  }

  /**
   * Whether its container has no network but the loopback. Not part of the call's JSON: only a
   * runner decides this, for its own calls.
   */
  public boolean networkDisabled() {
    return networkDisabled;
  }

  /** Sets {@link #networkDisabled()}. */
  public Call networkDisabled(boolean value) {
    networkDisabled = value;
    return this;
  }

  /** Sets {@link #syslogUrl()}. */
  public Call syslogUrl(String value) {
    syslogUrl = Objects.requireNonNull(value, "syslogUrl");
    return this;
  }

  /** When this node got the call. */
  public @Nullable Instant createdAt() {
    return createdAt;
  }

  /** Sets {@link #createdAt()}. */
  public Call createdAt(@Nullable Instant value) {
    createdAt = value;
    return this;
  }

  /** When a load balancer began placing the call, or a runner began executing it. */
  public @Nullable Instant startedAt() {
    return startedAt;
  }

  /** Sets {@link #startedAt()}. */
  public Call startedAt(@Nullable Instant value) {
    startedAt = value;
    return this;
  }

  /** When the call ended. */
  public @Nullable Instant completedAt() {
    return completedAt;
  }

  /** Sets {@link #completedAt()}. */
  public Call completedAt(@Nullable Instant value) {
    completedAt = value;
    return this;
  }

  /** Nanoseconds that runners reported as execution of user code. */
  public long executionNanos() {
    return executionNanos;
  }

  /** Sets {@link #executionNanos()}. */
  public Call executionNanos(long value) {
    executionNanos = value;
    return this;
  }

  /** The text of the error with which the call ended, or empty. */
  public String error() {
    return error;
  }

  /** Sets {@link #error()}. */
  public Call error(String value) {
    error = Objects.requireNonNull(value, "error");
    return this;
  }

  /** The id of the app. */
  public String appId() {
    return appId;
  }

  /** Sets {@link #appId()}. */
  public Call appId(String value) {
    appId = Objects.requireNonNull(value, "appId");
    return this;
  }

  /** The name of the app; it must not get into logs. */
  public String appName() {
    return appName;
  }

  /** Sets {@link #appName()}. */
  public Call appName(String value) {
    appName = Objects.requireNonNull(value, "appName");
    return this;
  }

  /** The id of the trigger, or empty on direct invocations. */
  public String triggerId() {
    return triggerId;
  }

  /** Sets {@link #triggerId()}. */
  public Call triggerId(String value) {
    triggerId = Objects.requireNonNull(value, "triggerId");
    return this;
  }

  /** The id of the fn. */
  public String fnId() {
    return fnId;
  }

  /** Sets {@link #fnId()}. */
  public Call fnId(String value) {
    fnId = Objects.requireNonNull(value, "fnId");
    return this;
  }

  /** How long the container that this call launched took; all zero on a hot one. */
  public CallTimings timings() {
    return timings;
  }

  /** A new map with {@code more} over the config of this call; the config itself stays. */
  public Map<String, String> configWith(Map<String, String> more) {
    Map<String, String> merged = new LinkedHashMap<>(config);
    merged.putAll(more);
    return merged;
  }

  /** Another call that is the same now; what is done to one of them the other does not see. */
  public Call copy() {
    Call copy = new Call();
    copy.id = id;
    copy.status = status;
    copy.image = image;
    copy.type = type;
    copy.payload = payload;
    copy.url = url;
    copy.method = method;
    copy.timeout = timeout;
    copy.idleTimeout = idleTimeout;
    copy.tmpfsSize = tmpfsSize;
    copy.memory = memory;
    copy.cpus = cpus;
    copy.config = Map.copyOf(config);
    copy.annotations = Map.copyOf(annotations);
    copy.shared = shared;
    copy.headers = headers.copy();
    copy.syslogUrl = syslogUrl;
    copy.networkDisabled = networkDisabled;
    copy.createdAt = createdAt;
    copy.startedAt = startedAt;
    copy.completedAt = completedAt;
    copy.executionNanos = executionNanos;
    copy.error = error;
    copy.appId = appId;
    copy.appName = appName;
    copy.triggerId = triggerId;
    copy.fnId = fnId;
    copy.timings.copyFrom(timings);
    return copy;
  }

  @Override
  public String toString() {
    return "Call[id=" + id + ", fnId=" + fnId + ", appId=" + appId + "]";
  }
}
