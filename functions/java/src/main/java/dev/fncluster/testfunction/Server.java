package dev.fncluster.testfunction;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Semaphore;

/**
 * Accepts connections and serves each on a thread of its own. A server of functions opens one; a
 * load generator may open several, and so many are served at once that the container's limit of
 * processes is never reached.
 */
final class Server {
  private static final int MAX_CONNECTIONS = 24;

  private final ServerSocketChannel listener;
  private final Function function;
  private final Identity identity;
  private final Semaphore connections = new Semaphore(MAX_CONNECTIONS);

  Server(ServerSocketChannel listener, Function function, Identity identity) {
    this.listener = listener;
    this.function = function;
    this.identity = identity;
  }

  /** Serves until the listener is closed or the thread is interrupted. */
  void serve() throws IOException, InterruptedException {
    while (true) {
      connections.acquire();
      SocketChannel channel;
      try {
        channel = listener.accept();
      } catch (IOException | RuntimeException failure) {
        connections.release();
        throw failure;
      }
      Thread thread = new Thread(() -> serve(channel), "connection");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void serve(SocketChannel channel) {
    try (channel) {
      new Connection(channel, function, identity).serve();
    } catch (IOException broken) {
      // The peer left, or sent what is not HTTP: the connection is all that is lost.
      System.err.println("connection ended: " + broken.getMessage());
    } finally {
      connections.release();
    }
  }
}
