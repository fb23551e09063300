package dev.fncluster.api.http;

import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.Headers;
import java.nio.charset.StandardCharsets;

/** Answers that send a client to the same path with one slash more or less at its end. */
final class Redirects {
  private Redirects() {}

  static HttpResponse to(String method, String location) {
    Headers headers = new Headers(2).add("Location", location);
    if (!method.equals("GET")) {
      return new HttpResponse(307, headers, new byte[0]);
    }
    headers.add(HeaderNames.CONTENT_TYPE, "text/html; charset=utf-8");
    String html = "<a href=\"" + escape(location) + "\">Moved Permanently</a>.\n\n";
    return new HttpResponse(301, headers, html.getBytes(StandardCharsets.UTF_8));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&#34;")
        .replace("'", "&#39;");
  }
}
