package dev.fncluster.api.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.HotSpotDiagnosticMXBean;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.http.Routes;
import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.settings.KnownSettings;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What an operator looks at when a node behaves oddly. Served on a listener for operators only,
 * never on the one for users. Thread-safe.
 */
final class DebugPages {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ReentrantLock dumping = new ReentrantLock();
  private final Map<String, Supplier<?>> views = new LinkedHashMap<>();

  /** The pages of a node, with {@code views} as JSON below their names. */
  DebugPages(Map<String, Supplier<?>> views) {
    this.views.putAll(views);
  }

  /** Adds them to the routes of a listener. */
  void addTo(Routes routes, Settings settings, List<Setting<?>> known) {
    List<Setting<?>> all = new ArrayList<>(known);
    all.addAll(NodeSettings.all());
    KnownSettings shown = KnownSettings.of(all);
    HttpResponse index = text(index());
    routes
        .add("GET", "/debug", exchange -> exchange.respond(index))
        .addBlocking("GET", "/debug/threads", (request, body) -> text(threads()))
        .addBlocking("GET", "/debug/settings", (request, body) -> text(shown.print(settings)));
    views.forEach((name, view) ->
        routes.addBlocking("GET", "/debug/" + name, (request, body) -> json(view.get())));
  }

  private String index() {
    StringBuilder pages = new StringBuilder("/debug/settings\n/debug/threads\n");
    views.keySet().forEach(name -> pages.append("/debug/").append(name).append('\n'));
    return pages.toString();
  }

  /** All threads with their stacks, virtual ones included. */
  private String threads() throws IOException {
    // One at a time: it stops the world for a moment.
    dumping.lock();
    try {
      Path folder = Files.createTempDirectory("fn-threads");
      Path file = folder.resolve("dump");
      try {
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
            .dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
        return Files.readString(file);
      } finally {
        Files.deleteIfExists(file);
        Files.delete(folder);
      }
    } finally {
      dumping.unlock();
    }
  }

  private static HttpResponse json(Object value) throws JsonProcessingException {
    return HttpResponse.json(200, JSON.writeValueAsString(value) + "\n");
  }

  private static HttpResponse text(String text) {
    return new HttpResponse(
        200,
        new Headers(2).add(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8"),
        text.getBytes(StandardCharsets.UTF_8));
  }
}
