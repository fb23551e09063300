package dev.fncluster.systemtests;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** Takes spans as OTLP over HTTP, as a collector does, and keeps them. Thread-safe. */
final class TraceCollector implements AutoCloseable {
  private final HttpServer server;
  private final List<Seen> seen = new CopyOnWriteArrayList<>();

  /**
   * A span that came.
   *
   * @param service the name of the node that sent it
   * @param id of the span, as are trace and parent in hexadecimal digits
   * @param attributes those that are texts
   */
  record Seen(
      String service,
      String name,
      String trace,
      String id,
      String parent,
      Map<String, String> attributes) {}

  private TraceCollector(HttpServer server) {
    this.server = server;
    server.createContext("/v1/traces", this::receive);
  }

  static TraceCollector start() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
      TraceCollector collector = new TraceCollector(server);
      server.start();
      return collector;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** The spans of a trace. */
  List<Seen> spans(String trace) {
    return seen.stream().filter(span -> span.trace().equals(trace)).toList();
  }

  /** The one span of that name in a trace. */
  Seen span(String trace, String name) {
    List<Seen> found = spans(trace).stream().filter(span -> span.name().equals(name)).toList();
    if (found.size() != 1) {
      throw new AssertionError(
          "trace " + trace + " has " + found.size() + " spans " + name + ": " + spans(trace));
    }
    return found.getFirst();
  }

  /** The span that another one is a part of. */
  Seen parent(Seen child) {
    return spans(child.trace()).stream()
        .filter(span -> span.id().equals(child.parent()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no parent of " + child));
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange;
        InputStream body =
            "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))
                ? new GZIPInputStream(exchange.getRequestBody())
                : exchange.getRequestBody()) {
      ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(body);
      request.getResourceSpansList().forEach(this::keep);
      byte[] answer = ExportTraceServiceResponse.getDefaultInstance().toByteArray();
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
    }
  }

  private void keep(ResourceSpans of) {
    String service =
        of.getResource().getAttributesList().stream()
            .filter(attribute -> attribute.getKey().equals("service.name"))
            .map(attribute -> attribute.getValue().getStringValue())
            .findFirst()
            .orElse("");
    for (ScopeSpans scope : of.getScopeSpansList()) {
      for (Span span : scope.getSpansList()) {
        seen.add(
            new Seen(
                service,
                span.getName(),
                hex(span.getTraceId()),
                hex(span.getSpanId()),
                hex(span.getParentSpanId()),
                span.getAttributesList().stream()
                    .collect(
                        Collectors.toMap(
                            KeyValue::getKey, each -> each.getValue().getStringValue()))));
      }
    }
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
