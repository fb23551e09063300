package dev.fncluster.api.plugin;

import dev.fncluster.api.extension.AppListener;
import dev.fncluster.api.extension.CallListener;
import dev.fncluster.api.extension.CallOverrider;
import dev.fncluster.api.extension.Extension;
import dev.fncluster.api.extension.ExtensionSite;
import dev.fncluster.api.extension.FnAnnotator;
import dev.fncluster.api.extension.FnListener;
import dev.fncluster.api.extension.HttpFilter;
import dev.fncluster.api.extension.HttpMiddleware;
import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.extension.RequestIdProvider;
import dev.fncluster.api.extension.TriggerAnnotator;
import dev.fncluster.api.extension.TriggerListener;
import dev.fncluster.api.http.BlockingHandler;
import dev.fncluster.api.http.HttpHandler;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.http.RootMiddleware;
import dev.fncluster.api.http.Routes;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.settings.SettingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All that extensions do to a node, gathered while they are set up. Not thread-safe; what it gives
 * out afterwards is.
 */
public final class NodeExtensions extends SettingsContext implements ExtensionSite {
  private final ExtensionRunner runner;
  private final DeferredDataAccess data = new DeferredDataAccess();
  private final List<CallOverrider> overriders = new ArrayList<>();
  private final List<CallListener> callListeners = new ArrayList<>();
  private final List<AppListener> appListeners = new ArrayList<>();
  private final List<FnListener> fnListeners = new ArrayList<>();
  private final List<TriggerListener> triggerListeners = new ArrayList<>();
  private final List<HttpMiddleware> root = new ArrayList<>();
  private final List<HttpMiddleware> api = new ArrayList<>();
  private final List<Endpoint> endpoints = new ArrayList<>();
  private @Nullable FnAnnotator fnAnnotator;
  private @Nullable TriggerAnnotator triggerAnnotator;
  private @Nullable RequestIdProvider requestIds;

  private record Endpoint(String method, String pattern, BlockingHandler handler) {}

  NodeExtensions(NodePlugins plugins) {
    super(plugins);
    this.runner = plugins.runner();
  }

  void add(Extension extension, StartLimit start) {
    String what = "the extension " + extension.getClass().getName();
    try {
      start.<Boolean>within(
          extension,
          what,
          () -> {
            extension.setUp(this);
            return true;
          });
    } catch (RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SettingException(what + " was interrupted while it was set up");
    } catch (Exception e) {
      throw new SettingException(what + " can't be set up: " + e);
    }
  }

  @Override
  public ExtensionSite overrider(CallOverrider value) {
    overriders.add(Objects.requireNonNull(value));
    return this;
  }

  @Override
  public ExtensionSite callListener(CallListener value) {
    callListeners.add(Objects.requireNonNull(value));
    return this;
  }

  @Override
  public ExtensionSite appListener(AppListener value) {
    appListeners.add(Objects.requireNonNull(value));
    return this;
  }

  @Override
  public ExtensionSite fnListener(FnListener value) {
    fnListeners.add(Objects.requireNonNull(value));
    return this;
  }

  @Override
  public ExtensionSite triggerListener(TriggerListener value) {
    triggerListeners.add(Objects.requireNonNull(value));
    return this;
  }

  @Override
  public ExtensionSite rootMiddleware(HttpMiddleware value) {
    root.add(Objects.requireNonNull(value));
    return this;
  }

  @Override
  public ExtensionSite rootFilter(HttpFilter value) {
    root.add(new Middleware.Filter(Objects.requireNonNull(value), runner));
    return this;
  }

  @Override
  public ExtensionSite apiMiddleware(HttpMiddleware value) {
    api.add(Objects.requireNonNull(value));
    return this;
  }

  @Override
  public ExtensionSite apiFilter(HttpFilter value) {
    api.add(new Middleware.Filter(Objects.requireNonNull(value), runner));
    return this;
  }

  @Override
  public ExtensionSite endpoint(String method, String path, BlockingHandler handler) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("the path \"" + path + "\" must begin with a slash");
    }
    endpoints.add(new Endpoint(method, "/v2" + path, Objects.requireNonNull(handler)));
    return this;
  }

  @Override
  public ReadDataAccess data() {
    return data;
  }

  /** What extensions read from now on. */
  public void reads(ReadDataAccess source) {
    data.reads(source);
  }

  @Override
  public ExtensionSite fnAnnotator(FnAnnotator value) {
    single(fnAnnotator, "annotator of fns");
    fnAnnotator = Objects.requireNonNull(value);
    return this;
  }

  @Override
  public ExtensionSite triggerAnnotator(TriggerAnnotator value) {
    single(triggerAnnotator, "annotator of triggers");
    triggerAnnotator = Objects.requireNonNull(value);
    return this;
  }

  @Override
  public ExtensionSite requestIds(RequestIdProvider value) {
    single(requestIds, "provider of request ids");
    requestIds = Objects.requireNonNull(value);
    return this;
  }

  private static void single(@Nullable Object present, String what) {
    if (present != null) {
      throw new IllegalStateException("there is an " + what + " already");
    }
  }

  /** What is done to calls. */
  public CallExtensions calls() {
    return new CallExtensions(overriders, callListeners, runner);
  }

  /** What is done to apps, fns and triggers. */
  public ResourceListeners resources() {
    return new ResourceListeners(
        appListeners, fnListeners, triggerListeners, fnAnnotator, triggerAnnotator, runner);
  }

  /**
   * What stands before all routes.
   *
   * @param requestIdHeader the header of request ids; empty for none
   */
  public RootMiddleware root(String requestIdHeader) {
    List<HttpMiddleware> all = new ArrayList<>();
    RequestIdProvider ids = requestIds;
    if (ids != null && !requestIdHeader.isEmpty()) {
      all.add(withIds(ids, requestIdHeader));
    }
    all.addAll(root);
    return all.isEmpty()
        ? RootMiddleware.NONE
        : last -> Middleware.around(all, last, runner.limit());
  }

  private static HttpMiddleware withIds(RequestIdProvider ids, String header) {
    return (exchange, next) -> {
      HttpRequestHead request = exchange.request();
      String given = request.headers().first(header);
      String id;
      try {
        id = Objects.requireNonNull(ids.id(given == null ? "" : given), "it returned null");
      } catch (Throwable failure) {
        throw ExtensionRunner.told(ids, Subject.NONE, failure);
      }
      Headers headers = request.headers().copy();
      exchange.replaceRequest(
          request.from(
              request.caller(), id.isEmpty() ? headers.remove(header) : headers.set(header, id)));
      next.handle(exchange);
    };
  }

  /** What stands before the management API. */
  public HttpHandler beforeApi(HttpHandler handler) {
    return Middleware.around(api, handler, runner.limit());
  }

  /** Adds the routes of extensions. */
  public void addEndpoints(Routes routes) {
    for (Endpoint each : endpoints) {
      routes.addBlocking(
          each.method(),
          each.pattern(),
          (request, body) ->
              runner.<HttpResponse>call(
                  each.handler(),
                  Subject.NONE,
                  () -> Middleware.checked(each.handler().handle(request, body))));
    }
  }
}
