package dev.fncluster.datastore;

import dev.fncluster.api.http.BlockingHandler;
import dev.fncluster.api.http.HttpHandler;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.http.Routes;
import dev.fncluster.api.model.Headers;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes blocking routes and calls the one that matches, as a server would. */
final class TestRoutes implements Routes {
  private record Route(String method, List<String> pattern, BlockingHandler handler) {}

  private final List<Route> routes = new ArrayList<>();

  @Override
  public Routes add(String method, String pattern, HttpHandler handler) {
    // What needs an event loop can't be called here; to ask for it fails.
    return this;
  }

  @Override
  public Routes addBlocking(String method, String pattern, BlockingHandler handler) {
    routes.add(new Route(method, List.of(pattern.split("/", -1)), handler));
    return this;
  }

  /** The answer of the route for a request to {@code api.test}; fails when there is none. */
  HttpResponse call(String method, String uri, String body) throws Exception {
    int query = uri.indexOf('?');
    String rawPath = query < 0 ? uri : uri.substring(0, query);
    String path = URI.create("http://api.test" + rawPath).getPath();
    for (Route route : routes) {
      Map<String, String> parameters = match(route.pattern(), List.of(path.split("/", -1)));
      if (route.method().equals(method) && parameters != null) {
        HttpRequestHead head =
            new HttpRequestHead(
                method, uri, path, parameters, new Headers(), "http", "api.test:8080");
        return route.handler().handle(head, body.getBytes(StandardCharsets.UTF_8));
      }
    }
    throw new AssertionError("no route for " + method + " " + path);
  }

  private static @Nullable Map<String, String> match(List<String> pattern, List<String> path) {
    Map<String, String> parameters = new HashMap<>();
    for (int i = 0; i < pattern.size(); i++) {
      String part = pattern.get(i);
      if (part.startsWith("*")) {
        if (path.size() <= i) {
          return null;
        }
        parameters.put(part.substring(1), "/" + String.join("/", path.subList(i, path.size())));
        return parameters;
      }
      if (i >= path.size()) {
        return null;
      }
      if (part.startsWith("{")) {
        parameters.put(part.substring(1, part.length() - 1), path.get(i));
      } else if (!part.equals(path.get(i))) {
        return null;
      }
    }
    return pattern.size() == path.size() ? parameters : null;
  }
}
