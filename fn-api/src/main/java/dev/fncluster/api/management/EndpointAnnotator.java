package dev.fncluster.api.management;

import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Tells clients where to call a fn or trigger, by an annotation of the answer. What is generated
 * here is not stored, replaces what a user stored under the key, and has no length limit.
 *
 * <p>Thread-safe.
 */
public final class EndpointAnnotator {
  static final String FN_KEY = "fnproject.io/fn/invokeEndpoint";
  static final String TRIGGER_KEY = "fnproject.io/trigger/httpEndpoint";

  private final Optional<String> publicUrl;

  /**
   * An annotator.
   *
   * @param publicUrl the base of all endpoints, without a slash at the end; empty for the scheme
   *     and host of the request
   */
  public EndpointAnnotator(Optional<String> publicUrl) {
    this.publicUrl = publicUrl;
  }

  /**
   * The fn without its endpoint, which is not the same in the answers of all API nodes unless they
   * share a public address.
   */
  public static Fn withoutEndpoint(Fn fn) {
    if (!fn.annotations().containsKey(FN_KEY)) {
      return fn;
    }
    Map<String, String> others = new HashMap<>(fn.annotations());
    others.remove(FN_KEY);
    return with(fn, others);
  }

  /** The fn with its endpoint. */
  Fn annotate(HttpRequestHead request, Fn fn) {
    return with(fn, with(fn.annotations(), FN_KEY, base(request) + "/invoke/" + fn.id()));
  }

  /** The trigger with its endpoint, if it is of the type that has one. */
  Trigger annotate(HttpRequestHead request, String appName, Trigger trigger) {
    if (!trigger.type().equals(Trigger.TYPE_HTTP)) {
      return trigger;
    }
    String source = trigger.source();
    String endpoint =
        base(request)
            + "/t/"
            + appName
            + "/"
            + (source.startsWith("/") ? source.substring(1) : source);
    return new Trigger(
        trigger.id(),
        trigger.name(),
        trigger.appId(),
        trigger.fnId(),
        trigger.createdAt(),
        trigger.updatedAt(),
        trigger.type(),
        source,
        with(trigger.annotations(), TRIGGER_KEY, endpoint));
  }

  /**
   * A change to a fn without the endpoint that {@code shown} has, which is no change: clients send
   * back whole objects as they were shown them.
   */
  static Fn withoutEndpoint(Fn patch, Fn shown) {
    return with(patch, without(patch.annotations(), FN_KEY, shown.annotations()));
  }

  /** The same for a trigger. */
  static Trigger withoutEndpoint(Trigger patch, Trigger shown) {
    return new Trigger(
        patch.id(),
        patch.name(),
        patch.appId(),
        patch.fnId(),
        patch.createdAt(),
        patch.updatedAt(),
        patch.type(),
        patch.source(),
        without(patch.annotations(), TRIGGER_KEY, shown.annotations()));
  }

  private String base(HttpRequestHead request) {
    return publicUrl.orElseGet(() -> request.scheme() + "://" + request.host());
  }

  private static Fn with(Fn fn, Map<String, String> annotations) {
    return new Fn(
        fn.id(),
        fn.name(),
        fn.appId(),
        fn.image(),
        fn.memory(),
        fn.timeout(),
        fn.idleTimeout(),
        fn.config(),
        annotations,
        fn.shape(),
        fn.createdAt(),
        fn.updatedAt());
  }

  private static Map<String, String> without(
      Map<String, String> patch, String key, Map<String, String> shown) {
    String value = patch.get(key);
    if (value == null || !value.equals(shown.get(key))) {
      return patch;
    }
    Map<String, String> rest = new HashMap<>(patch);
    rest.remove(key);
    return rest;
  }

  private static Map<String, String> with(
      Map<String, String> annotations, String key, String value) {
    Map<String, String> all = new HashMap<>(annotations);
    all.put(key, ResourceWriter.string(value));
    return all;
  }
}
