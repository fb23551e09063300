package dev.fncluster.api.node;

import dev.fncluster.api.http.HttpServer;
import dev.fncluster.api.http.ServerPages;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.stats.ApiMeters;
import dev.fncluster.stats.Metrics;

/** The HTTP listener as every node has it: {@code /}, {@code /version}, {@code /metrics}. */
public final class NodeHttp {
  private NodeHttp() {}

  /**
   * A server to which a node adds its own routes.
   *
   * <p>Requests are counted in the views of {@link dev.fncluster.stats.ApiViews}, if the node has
   * registered them.
   */
  public static HttpServer.Builder server(
      NodeContext context, EventLoops loops, ListenSettings settings) {
    Metrics metrics = context.metrics();
    return HttpServer.builder(loops, settings.http())
        .port(settings.port())
        .observer(new RequestStats(new ApiMeters(metrics.views())))
        .routes(routes ->
            routes
                .add("GET", "/", ServerPages.hello())
                .add("GET", "/version", ServerPages.version(context.build().version()))
                .addBlocking(
                    "GET",
                    "/metrics",
                    ServerPages.metrics(accept -> {
                      Metrics.Page page = metrics.scrape(accept);
                      return new ServerPages.Page(page.contentType(), page.body());
                    })));
  }
}
