package dev.fncluster.systemtests;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fncluster.api.testing.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A Prometheus of its own, with the rules that this project ships. */
final class PrometheusServer implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Instant started = Instant.now();
  private final Process process;
  private final Path folder;
  private final int port;

  private PrometheusServer(Process process, Path folder, int port) {
    this.process = process;
    this.folder = folder;
    this.port = port;
  }

  /** Starts one that scrapes every second; {@code jobs} has the nodes of each. */
  static PrometheusServer start(Map<String, List<NodeProcess>> jobs) {
    int port = FreePorts.next();
    try {
      Path folder = Files.createTempDirectory("fn-st-prometheus");
      Path config = folder.resolve("prometheus.yml");
      Files.writeString(config, config(jobs));
      Process process =
          new ProcessBuilder(
                  "prometheus",
                  "--config.file=" + config,
                  "--storage.tsdb.path=" + folder.resolve("data"),
                  "--enable-feature=exemplar-storage",
                  "--web.listen-address=127.0.0.1:" + port)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      PrometheusServer server = new PrometheusServer(process, folder, port);
      try {
        await("Prometheus").atMost(LIMIT).until(server::isReady);
        return server;
      } catch (RuntimeException | AssertionError e) {
        AssertionError failure = new AssertionError(Files.readString(folder.resolve("log")), e);
        server.close();
        throw failure;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String config(Map<String, List<NodeProcess>> jobs) {
    Path rules = Repository.root().resolve("deploy/prometheus");
    StringBuilder text =
        new StringBuilder("global: {scrape_interval: 1s, evaluation_interval: 1s}\n");
    text.append("rule_files: [").append(rules.resolve("recording.yml")).append(", ");
    text.append(rules.resolve("alerts.yml")).append("]\nscrape_configs:\n");
    jobs.forEach((job, nodes) ->
        text.append("  - job_name: ")
            .append(job)
            .append("\n    static_configs: [{targets: [")
            .append(
                nodes.stream()
                    .map(node -> "\"127.0.0.1:" + node.port() + "\"")
                    .collect(Collectors.joining(", ")))
            .append("]}]\n"));
    return text.toString();
  }

  private boolean isReady() {
    if (!process.isAlive()) {
      throw new AssertionError("Prometheus ended with " + process.exitValue());
    }
    try {
      return get("/-/ready").statusCode() == 200;
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }

  /** The rows that a query gives now. */
  JsonNode query(String expression) {
    return api("/api/v1/query?query=" + encoded(expression));
  }

  /** The exemplars of the last ten minutes for the series of a query. */
  JsonNode exemplars(String expression) {
    long now = System.currentTimeMillis() / 1000;
    return api(
        "/api/v1/query_exemplars?query="
            + encoded(expression)
            + "&start="
            + started.getEpochSecond()
            + "&end="
            + (now + 60));
  }

  /** The nodes that are scraped, with the last error of each. */
  JsonNode targets() {
    return api("/api/v1/targets?state=active");
  }

  /** Alerts and recordings, with the health of each. */
  JsonNode rules() {
    return api("/api/v1/rules");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private JsonNode api(String path) {
    HttpResponse<String> response = get(path);
    JsonNode answer = FnClient.json(response);
    if (!answer.path("status").asText().equals("success")) {
      throw new AssertionError(path + ": " + response.body());
    }
    JsonNode data = answer.path("data");
    return data.has("result") ? data.get("result") : data;
  }

  private HttpResponse<String> get(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(LIMIT)
            .build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Stops it and removes what it kept. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      Folders.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
