package dev.fncluster.api.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The head of a request from its bytes to what handlers get. */
@State(Scope.Benchmark)
public class RequestHeadBenchmark {
  private static final String PATH = "/invoke/01M87E0EA1R00040KH44000002";
  private static final byte[] HEAD =
      """
      POST /invoke/01M87E0EA1R00040KH44000002 HTTP/1.1
      Host: fn.example.com
      User-Agent: curl/8.5.0
      Accept: */*
      Content-Type: application/json
      X-Forwarded-For: 192.0.2.17
      X-Tenant: acme
      Content-Length: 0

      """
          .replace("\n", "\r\n")
          .getBytes(StandardCharsets.US_ASCII);

  private final Router router = router();
  private final EmbeddedChannel channel = new EmbeddedChannel(new StrictRequestDecoder(64 * 1024));
  private final ByteBuf bytes = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(HEAD));
  private final HttpRequest decoded = decode();

  private static Router router() {
    Router router = new Router();
    router.add("POST", "/invoke/{fn_id}", exchange -> {});
    router.add("POST", "/t/{app_name}", exchange -> {});
    router.add("POST", "/t/{app_name}/*source", exchange -> {});
    router.add("GET", "/v2/apps", exchange -> {});
    router.add("GET", "/v2/fns/{fn_id}", exchange -> {});
    router.add("GET", "/metrics", exchange -> {});
    return router;
  }

  private HttpRequest decode() {
    channel.writeInbound(bytes.readerIndex(0));
    HttpRequest request = channel.readInbound();
    ReferenceCountUtil.release(channel.<Object>readInbound());
    return request;
  }

  /** The decoder's part. */
  @Benchmark
  public HttpRequest decodeHead() {
    return decode();
  }

  /** What is done with what the decoder has made: judged, matched with a route, and copied. */
  @Benchmark
  public HttpRequestHead judgeAndRoute() {
    RequestTarget target = RequestTarget.parse(decoded.uri());
    if (target == null || RequestHeads.refusal(decoded) != 0) {
      throw new IllegalStateException(decoded.uri());
    }
    Router.Match match = router.match(decoded.method().name(), target.path());
    return RequestHeads.of(decoded, target, match, "http", null);
  }

  /** The look-up of the route alone. */
  @Benchmark
  public Object matchRoute() {
    return router.match("POST", PATH);
  }
}
