package dev.fncluster.testfunction;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/**
 * Serves the requests of one connection, one after the other. Confined to its connection's thread.
 */
final class Connection {
  private final SocketChannel channel;
  private final Function function;
  private final Identity identity;

  Connection(SocketChannel channel, Function function, Identity identity) {
    this.channel = channel;
    this.function = function;
    this.identity = identity;
  }

  /** Serves until the peer closes or asks for the close. */
  void serve() throws IOException {
    ConnectionInput input = new ConnectionInput(channel);
    ConnectionOutput output = new ConnectionOutput(channel);
    while (true) {
      Request request = Request.read(input);
      if (request == null) {
        return;
      }
      Response response = new Response(output, request.isGatewayIntent());
      response.header("Fn-Fdk-Version", "fn-test-function/1");
      response.userHeader("Function-Instance", identity.instance());
      response.userHeader("Function-Calls", Long.toString(identity.countCall()));
      if (request.method().equals("POST") && request.path().equals("/call")) {
        function.answer(request, response);
      } else {
        response.status(400);
      }
      request.body().skipRest();
      response.finish();
      if (request.wantsClose()) {
        return;
      }
    }
  }
}
