package dev.fncluster.server.rehearsal;

import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** An API node without a store, which knows one app with one function and its trigger. */
final class StandInApi implements AutoCloseable {
  /** The function's id. */
  static final String FN = "01REHEARSALFN0000000000000";

  private static final String APP = "01REHEARSALAPP000000000000";
  private static final String APP_JSON =
      "{\"id\":\"%s\",\"name\":\"rehearsal\",\"config\":{\"A\":\"1\"}}".formatted(APP);
  private static final String FN_JSON =
      """
      {"id":"%s","name":"call","app_id":"%s","image":"stand/in:1","memory":128,\
      "timeout":30,"idle_timeout":30,"config":{"B":"2"}}\
      """
          .formatted(FN, APP);
  private static final String TRIGGER_JSON =
      """
      {"id":"01REHEARSALTRIGGER00000000","name":"call","app_id":"%s","fn_id":"%s",\
      "type":"http","source":"/call"}\
      """
          .formatted(APP, FN);

  private final StandInServer server;

  private StandInApi(StandInServer server) {
    this.server = server;
  }

  /** Listens on a free port of the loopback. Blocks until it does. */
  static StandInApi start(EventLoopGroup group) throws InterruptedException {
    return new StandInApi(
        StandInServer.start(
            group,
            NioServerSocketChannel.class,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            request -> Unpooled.wrappedBuffer(answer(request).getBytes(StandardCharsets.UTF_8))));
  }

  private static String answer(FullHttpRequest request) {
    String path = request.uri();
    if (path.contains("/triggerBySource/")) {
      return TRIGGER_JSON;
    }
    if (path.startsWith("/v2/apps?")) {
      return "{\"items\":[" + APP_JSON + "]}";
    }
    return path.startsWith("/v2/fns/") ? FN_JSON : APP_JSON;
  }

  int port() {
    return ((InetSocketAddress) server.address()).getPort();
  }

  @Override
  public void close() {
    server.close();
  }
}
