package dev.fncluster.api.http;

import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.Headers;

/** The answers every node gives about itself. */
public final class ServerPages {
  /** Makes the text of all metrics, in the format that a scraper asks for. May block. */
  @FunctionalInterface
  public interface Scrape {
    /**
     * All metrics now.
     *
     * @param accept the scraper's {@code Accept} header, may be empty
     */
    Page scrape(String accept);
  }

  /** A content type and its bytes, which must not be changed. */
  public record Page(String contentType, byte[] body) {}

  private static final HttpResponse HELLO =
      HttpResponse.json(200, "{\"goto\":\"https://github.com/fnproject/fn\",\"hello\":\"world!\"}");

  private ServerPages() {}

  /** {@code GET /}: says hello; load balancers use it to see whether the node lives. */
  public static HttpHandler hello() {
    return exchange -> exchange.respond(HELLO);
  }

  /** {@code GET /version}. */
  public static HttpHandler version(String version) {
    StringBuilder json = new StringBuilder("{\"version\":");
    JsonText.appendString(json, version);
    HttpResponse answer = HttpResponse.json(200, json.append('}').toString());
    return exchange -> exchange.respond(answer);
  }

  /** {@code GET /metrics}. */
  public static BlockingHandler metrics(Scrape scrape) {
    return (request, body) -> {
      String accept = request.headers().first("Accept");
      Page page = scrape.scrape(accept == null ? "" : accept);
      Headers headers = new Headers(2).add(HeaderNames.CONTENT_TYPE, page.contentType());
      return new HttpResponse(200, headers, page.body());
    };
  }
}
