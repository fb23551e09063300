package dev.fncluster.api.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the route of a decoded path: a tree with one level for each segment, in which a literal
 * segment wins over a parameter and a parameter over the rest of the path.
 *
 * <pre>
 *   /t/{app}          "" ─ t ─ {} ●
 *   /t/{app}/*source                └ * ●
 * </pre>
 *
 * <p>Thread-safe once all routes are added.
 */
final class Router {
  /** A pattern and what answers it; {@code names} are those of its parameters, from the left. */
  record Route(String pattern, List<String> names, HttpHandler handler) {}

  /** What became of a look-up. */
  sealed interface Match {
    /** A route answers. */
    record Found(Route route, Map<String, String> parameters) implements Match {}

    /** The path is a route's, but not for this method. */
    record WrongMethod() implements Match {}

    /** The path is no route's, but with one slash more or less at its end it would be. */
    record OtherSlash() implements Match {}

    /** No route has this path. */
    record NotFound() implements Match {}
  }

  private static final Match WRONG_METHOD = new Match.WrongMethod();
  private static final Match OTHER_SLASH = new Match.OtherSlash();
  private static final Match NOT_FOUND = new Match.NotFound();

  private static final class Node {
    private final Map<String, Node> literals = new HashMap<>();
    private final Map<String, Route> here = new HashMap<>();
    private final Map<String, Route> rest = new HashMap<>();
    private @Nullable Node parameter;
  }

  private final Node root = new Node();

  /**
   * Adds a route.
   *
   * @throws IllegalArgumentException when the pattern is malformed or taken
   */
  void add(String method, String pattern, HttpHandler handler) {
    if (!pattern.startsWith("/")) {
      throw new IllegalArgumentException("pattern \"" + pattern + "\" must begin with a slash");
    }
    String[] segments = pattern.substring(1).split("/", -1);
    List<String> names = new ArrayList<>();
    Node node = root;
    Map<String, Route> routes = null;
    for (int i = 0; i < segments.length; i++) {
      String segment = segments[i];
      if (segment.startsWith("*")) {
        if (i != segments.length - 1) {
          throw new IllegalArgumentException(
              "\"" + segment + "\" must be the last segment of \"" + pattern + "\"");
        }
        names.add(segment.substring(1));
        routes = node.rest;
      } else if (segment.startsWith("{") && segment.endsWith("}")) {
        names.add(segment.substring(1, segment.length() - 1));
        Node next = node.parameter;
        if (next == null) {
          next = new Node();
          node.parameter = next;
        }
        node = next;
      } else {
        node = node.literals.computeIfAbsent(segment, s -> new Node());
      }
    }
    Route route = new Route(pattern, List.copyOf(names), handler);
    if ((routes == null ? node.here : routes).putIfAbsent(method, route) != null) {
      throw new IllegalArgumentException("there is a route " + method + " " + pattern + " already");
    }
  }

  /** Looks {@code path}, decoded and without its query, up. */
  Match match(String method, String path) {
    if (!path.startsWith("/")) {
      return NOT_FOUND;
    }
    List<String> values = new ArrayList<>(2);
    Route route = find(root, path, 0, method, values);
    if (route != null) {
      return new Match.Found(route, parameters(route, values));
    }
    if (path.length() > 1) {
      String other = path.endsWith("/") ? path.substring(0, path.length() - 1) : path + "/";
      Route slashed = other.startsWith("/") ? find(root, other, 0, method, values) : null;
      // The slash that begins the rest of a path is part of what it means, not of its spelling.
      if (slashed != null && !slashed.pattern().contains("/*")) {
        return OTHER_SLASH;
      }
    }
    return find(root, path, 0, null, new ArrayList<>(2)) == null ? NOT_FOUND : WRONG_METHOD;
  }

  private static Map<String, String> parameters(Route route, List<String> values) {
    List<String> names = route.names();
    return switch (names.size()) {
      case 0 -> Map.of();
      case 1 -> Map.of(names.get(0), values.get(0));
      case 2 -> Map.of(names.get(0), values.get(0), names.get(1), values.get(1));
      default -> {
        Map<String, String> all = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
          all.put(names.get(i), values.get(i));
        }
        yield Map.copyOf(all);
      }
    };
  }

  // `slash` is where the slash before the segment in question stands; a null method is any.
  private static @Nullable Route find(
      Node node, String path, int slash, @Nullable String method, List<String> values) {
    int start = slash + 1;
    int next = path.indexOf('/', start);
    int end = next < 0 ? path.length() : next;
    String segment = path.substring(start, end);
    Node literal = node.literals.get(segment);
    if (literal != null) {
      Route found = descend(literal, path, next, method, values);
      if (found != null) {
        return found;
      }
    }
    Node parameter = node.parameter;
    if (parameter != null && !segment.isEmpty()) {
      values.add(segment);
      Route found = descend(parameter, path, next, method, values);
      if (found != null) {
        return found;
      }
      values.removeLast();
    }
    Route rest = pick(node.rest, method);
    if (rest != null) {
      values.add(path.substring(slash));
    }
    return rest;
  }

  private static @Nullable Route descend(
      Node node, String path, int next, @Nullable String method, List<String> values) {
    return next < 0 ? pick(node.here, method) : find(node, path, next, method, values);
  }

  private static @Nullable Route pick(Map<String, Route> routes, @Nullable String method) {
    if (routes.isEmpty()) {
      return null;
    }
    if (method == null) {
      return routes.values().iterator().next();
    }
    Route exact = routes.get(method);
    return exact != null ? exact : routes.get(Routes.ANY_METHOD);
  }
}
