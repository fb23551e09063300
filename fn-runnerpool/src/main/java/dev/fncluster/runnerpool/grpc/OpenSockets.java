package dev.fncluster.runnerpool.grpc;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import io.netty.channel.socket.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * The sockets that one gRPC channel has open: hardly ever more than one. Asks the kernel what the
 * event loop will only hear of later: that the other end has closed or reset the connection.
 *
 * <p>A runner that was killed has closed its connections. What is written into one of those is lost
 * without a trace, and looks the same as a call that the runner had begun when it died. So a look
 * before sending makes the difference between a call that fails and one that goes to another
 * runner.
 *
 * <p>{@link #newChannel()} may be called on any thread, the rest is confined to the event loop.
 */
final class OpenSockets implements ChannelFactory<SocketChannel> {
  // As in the kernel's tcp_states.h.
  private static final int TCP_CLOSE = 7;
  private static final int TCP_CLOSE_WAIT = 8;

  private final Supplier<SocketChannel> sockets;
  private final List<SocketChannel> open = new CopyOnWriteArrayList<>();
  private final EpollTcpInfo info = new EpollTcpInfo();

  OpenSockets(Supplier<SocketChannel> sockets) {
    this.sockets = sockets;
  }

  @Override
  public SocketChannel newChannel() {
    SocketChannel socket = sockets.get();
    open.add(socket);
    socket.closeFuture().addListener(closed -> open.remove(socket));
    return socket;
  }

  /**
   * Whether every connection has been closed by the other end, in a way that nobody has noticed
   * yet. False in doubt, and where the kernel can't be asked.
   */
  boolean areLeft() {
    boolean left = false;
    for (SocketChannel socket : open) {
      if (!isLeft(socket)) {
        return false;
      }
      left = true;
    }
    return left;
  }

  private boolean isLeft(SocketChannel socket) {
    if (!(socket instanceof EpollSocketChannel epoll) || !epoll.isActive()) {
      return false;
    }
    try {
      int state = epoll.tcpInfo(info).state();
      return state == TCP_CLOSE_WAIT || state == TCP_CLOSE;
    } catch (ChannelException e) {
      // The socket was closed meanwhile; gRPC finds out by itself.
      return false;
    }
  }
}
