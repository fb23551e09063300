package dev.fncluster.api.trace;

import dev.fncluster.api.settings.Masking;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Where spans go.
 *
 * @param endpoint of a collector that takes OTLP over HTTP, with the path; empty for no tracing
 * @param serviceName what the node is called in traces; empty for that of its kind of node
 * @param samplePercent how many of the traces that begin here are kept, from 0 to 100
 */
public record TraceSettings(Optional<URI> endpoint, String serviceName, int samplePercent) {
  private static final String DEFAULT_PATH = "/v1/traces";

  /** See {@link #endpoint()}. */
  public static final Setting<Optional<String>> ENDPOINT =
      Setting.optionalText(
              "FN_OTLP_ENDPOINT",
              "Where spans of calls are sent, as OTLP over HTTP: http://collector:4318, where /v1/traces"
                  + " is added, or an address with a path. Without it, calls are not traced.")
          .checked(given -> given.ifPresent(TraceSettings::endpoint));

  /** See {@link #serviceName()}. */
  public static final Setting<String> SERVICE_NAME =
      Setting.text(
          "FN_OTLP_SERVICE_NAME",
          "",
          "What this node is called in traces; empty for fn-lb, fn-runner, fn-api or fn-full.");

  /** See {@link #samplePercent()}. */
  public static final Setting<Integer> SAMPLE_PERCENT =
      Setting.integer(
          "FN_OTLP_SAMPLE_PERCENT",
          100,
          0,
          100,
          "How many in a hundred calls are traced that come without a trace; for the others their"
              + " caller has decided.");

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    return List.of(ENDPOINT, SERVICE_NAME, SAMPLE_PERCENT);
  }

  /**
   * Reads them.
   *
   * @throws SettingException when one is wrong
   */
  public static TraceSettings from(Settings settings) {
    return new TraceSettings(
        settings.get(ENDPOINT).map(TraceSettings::endpoint),
        settings.get(SERVICE_NAME).strip(),
        settings.get(SAMPLE_PERCENT));
  }

  private static URI endpoint(String text) {
    URI uri;
    try {
      uri = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw wrong(text);
    }
    String scheme = uri.getScheme();
    if (uri.getHost() == null
        || uri.getPort() > 65_535
        || !("http".equals(scheme) || "https".equals(scheme))) {
      throw wrong(text);
    }
    String path = uri.getPath();
    return path == null || path.isEmpty() || path.equals("/") ? uri.resolve(DEFAULT_PATH) : uri;
  }

  private static SettingException wrong(String text) {
    return new SettingException(
        ENDPOINT.name()
            + " is \""
            + Masking.addresses(text)
            + "\"; expected a URL such as http://collector:4318");
  }
}
