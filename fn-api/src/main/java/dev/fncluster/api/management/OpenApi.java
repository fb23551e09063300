package dev.fncluster.api.management;

import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.http.Routes;
import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The OpenAPI document of the API, which comes with the jar and is served as it is. */
final class OpenApi {
  private static final String PATH = "/v2/openapi.yaml";
  private static final String RESOURCE = "openapi.yaml";

  private OpenApi() {}

  static void register(Routes routes) {
    Headers headers = new Headers(2).add(HeaderNames.CONTENT_TYPE, "application/yaml");
    HttpResponse answer = new HttpResponse(200, headers, document());
    routes.add("GET", PATH, exchange -> exchange.respond(answer));
  }

  private static byte[] document() {
    try (InputStream in = OpenApi.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("the jar was built without " + RESOURCE);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(RESOURCE + " of the jar can't be read", e);
    }
  }
}
