package dev.fncluster.api.http;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import java.time.Duration;
import java.util.List;

/**
 * What an operator can say about an {@link HttpServer}.
 *
 * @param maxRequestSize the longest body in bytes; 0 or less for no limit
 * @param maxHeaderSize the longest request head in bytes
 * @param headerReadTimeout from the first byte of a request to the end of its head; zero for none
 * @param bodyReadTimeout from the head of a request to the end of its body, not counting times in
 *     which nobody here wants more of it; zero for none
 * @param responseWriteTimeout how long a client may take nothing of what is there for it; zero for
 *     none
 * @param idleTimeout how long a connection may wait for its next request; zero for none
 * @param maxConnections how many connections may be open at a time on one listener, at least 1;
 *     more are closed at once
 * @param corsOrigins who may use this server from a browser; empty leaves CORS off
 * @param corsHeaders what such a browser may send
 * @param maxBlockingBody the longest body in bytes of a request to a {@link BlockingHandler}
 * @param maxBlockingRequests how many of those may be worked on at a time
 */
public record HttpServerSettings(
    long maxRequestSize,
    int maxHeaderSize,
    Duration headerReadTimeout,
    Duration bodyReadTimeout,
    Duration responseWriteTimeout,
    Duration idleTimeout,
    int maxConnections,
    List<String> corsOrigins,
    List<String> corsHeaders,
    int maxBlockingBody,
    int maxBlockingRequests) {
  static final Setting<Long> MAX_REQUEST_SIZE =
      Setting.number(
          "FN_MAX_REQUEST_SIZE",
          0,
          Long.MIN_VALUE,
          "The longest request body in bytes; 0 or less for no limit.");
  static final Setting<Integer> MAX_REQUEST_HEADER_SIZE =
      Setting.integer(
          "FN_MAX_REQUEST_HEADER_SIZE",
          1 << 20,
          256,
          64 << 20,
          "The longest request head in bytes.");
  static final Setting<Duration> REQUEST_HEADER_READ_TIMEOUT =
      Setting.duration(
          "FN_REQUEST_HEADER_READ_TIMEOUT",
          Duration.ZERO,
          "How long a client may take to send the head of a request; 0 for no limit.");
  static final Setting<Duration> REQUEST_BODY_READ_TIMEOUT =
      Setting.duration(
          "FN_REQUEST_BODY_READ_TIMEOUT",
          Duration.ZERO,
          "How long a client may take to send the body of a request; 0 for no limit.");
  static final Setting<Duration> RESPONSE_WRITE_TIMEOUT =
      Setting.duration(
          "FN_RESPONSE_WRITE_TIMEOUT",
          Duration.ZERO,
          "How long a client may take nothing of an answer that waits for it; 0 for no limit.");
  static final Setting<Duration> HTTP_IDLE_TIMEOUT =
      Setting.duration(
          "FN_HTTP_IDLE_TIMEOUT",
          Duration.ZERO,
          "How long a connection may wait for its next request; 0 for no limit.");
  static final Setting<Integer> HTTP_MAX_CONNECTIONS =
      Setting.integer(
          "FN_HTTP_MAX_CONNECTIONS",
          50_000,
          1,
          10_000_000,
          "How many connections of clients may be open at a time on a listener. One more is closed"
              + " before anything of it is read, and counted.");
  static final Setting<List<String>> API_CORS_ORIGINS =
      Setting.list(
              "FN_API_CORS_ORIGINS",
              ",",
              "Origins that browsers may use this server from; * first for all, none for CORS off.")
          .checked(Cors::check);
  static final Setting<List<String>> API_CORS_HEADERS =
      Setting.list(
          "FN_API_CORS_HEADERS",
          ",",
          "Headers that browsers may send; Origin, Content-Length and Content-Type when absent.");
  static final Setting<Integer> MAX_BLOCKING_BODY_SIZE =
      Setting.integer(
          "FN_MAX_API_REQUEST_SIZE",
          4 << 20,
          1024,
          1 << 30,
          "The longest body in bytes of a request to the management API.");
  static final Setting<Integer> MAX_BLOCKING_REQUESTS =
      Setting.integer(
          "FN_MAX_API_REQUESTS",
          256,
          1,
          1 << 20,
          "How many requests to the management API are worked on at a time.");

  private static final List<String> DEFAULT_CORS_HEADERS =
      List.of("Origin", "Content-Length", "Content-Type");

  /** Copies the lists; no CORS headers become the default ones. */
  public HttpServerSettings {
    corsOrigins = List.copyOf(corsOrigins);
    corsHeaders = corsHeaders.isEmpty() ? DEFAULT_CORS_HEADERS : List.copyOf(corsHeaders);
  }

  /** All settings of this record, for documentation and start-up checks. */
  public static List<Setting<?>> all() {
    return List.of(
        MAX_REQUEST_SIZE,
        MAX_REQUEST_HEADER_SIZE,
        REQUEST_HEADER_READ_TIMEOUT,
        REQUEST_BODY_READ_TIMEOUT,
        RESPONSE_WRITE_TIMEOUT,
        HTTP_IDLE_TIMEOUT,
        HTTP_MAX_CONNECTIONS,
        API_CORS_ORIGINS,
        API_CORS_HEADERS,
        MAX_BLOCKING_BODY_SIZE,
        MAX_BLOCKING_REQUESTS);
  }

  /**
   * Reads the settings.
   *
   * @throws dev.fncluster.api.settings.SettingException when one is wrong
   */
  public static HttpServerSettings from(Settings settings) {
    return new HttpServerSettings(
        settings.get(MAX_REQUEST_SIZE),
        settings.get(MAX_REQUEST_HEADER_SIZE),
        settings.get(REQUEST_HEADER_READ_TIMEOUT),
        settings.get(REQUEST_BODY_READ_TIMEOUT),
        settings.get(RESPONSE_WRITE_TIMEOUT),
        settings.get(HTTP_IDLE_TIMEOUT),
        settings.get(HTTP_MAX_CONNECTIONS),
        settings.get(API_CORS_ORIGINS),
        settings.get(API_CORS_HEADERS),
        settings.get(MAX_BLOCKING_BODY_SIZE),
        settings.get(MAX_BLOCKING_REQUESTS));
  }

  /** The same for a listener that no browser is to use from elsewhere. */
  public HttpServerSettings withoutCors() {
    return new HttpServerSettings(
        maxRequestSize,
        maxHeaderSize,
        headerReadTimeout,
        bodyReadTimeout,
        responseWriteTimeout,
        idleTimeout,
        maxConnections,
        List.of(),
        List.of(),
        maxBlockingBody,
        maxBlockingRequests);
  }
}
