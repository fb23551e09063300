package dev.fncluster.api.loop;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The event loops of one node: epoll where there is, NIO elsewhere. All channels of a node share
 * them, so that a call can stay on one thread from its first byte to its last.
 *
 * <p>Thread-safe.
 */
public final class EventLoops implements AutoCloseable {
  private static final FastThreadLocal<@Nullable EventLoop> CURRENT = new FastThreadLocal<>();

  private final EventLoopGroup group;
  private final List<EventLoop> loops;
  private final boolean epoll;

  private EventLoops(EventLoopSettings settings, String threadName) {
    epoll = Epoll.isAvailable();
    group =
        new MultiThreadIoEventLoopGroup(
            settings.count(),
            new DefaultThreadFactory(threadName, true),
            epoll ? epoll(settings.busyPoll()) : NioIoHandler.newFactory());
    loops = new ArrayList<>(settings.count());
    for (EventExecutor each : group) {
      EventLoop loop = (EventLoop) each;
      loops.add(loop);
      loop.submit(() -> CURRENT.set(loop)).syncUninterruptibly();
    }
  }

  private static IoHandlerFactory epoll(Duration busyPoll) {
    return busyPoll.isZero()
        ? EpollIoHandler.newFactory()
        : EpollIoHandler.newFactory(0, () -> new BusyPolling(busyPoll, System::nanoTime));
  }

  /**
   * Starts loops that sleep as soon as they have nothing to do.
   *
   * @param count how many, at least 1
   * @param threadName what their threads are called, followed by numbers
   */
  public static EventLoops create(int count, String threadName) {
    return create(new EventLoopSettings(count, Duration.ZERO), threadName);
  }

  /**
   * Starts loops.
   *
   * @param threadName what their threads are called, followed by numbers
   */
  public static EventLoops create(EventLoopSettings settings, String threadName) {
    return new EventLoops(settings, threadName);
  }

  /**
   * How many loops serve a machine best: one for every two processors. Measured on two processors,
   * where the second loop costs more in hand-offs than it gives.
   */
  public static int defaultCount() {
    return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
  }

  /** The loop whose thread this is, or null on any other thread. */
  public static @Nullable EventLoop current() {
    return CURRENT.get();
  }

  /** All loops as one group. */
  public EventLoopGroup group() {
    return group;
  }

  /** The single loops. */
  public List<EventLoop> loops() {
    return List.copyOf(loops);
  }

  /** The kind of TCP server channel that runs on these loops. */
  public Class<? extends ServerSocketChannel> serverChannelType() {
    return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  /** The kind of TCP client channel that runs on these loops. */
  public Class<? extends SocketChannel> channelType() {
    return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  /** A TCP client channel of that kind, not connected. */
  public SocketChannel newSocketChannel() {
    return epoll ? new EpollSocketChannel() : new NioSocketChannel();
  }

  /** The kind of UDP channel that runs on these loops. */
  public Class<? extends DatagramChannel> datagramChannelType() {
    return epoll ? EpollDatagramChannel.class : NioDatagramChannel.class;
  }

  /** The kind of Unix-socket client channel that runs on these loops. */
  public Class<? extends io.netty.channel.Channel> unixChannelType() {
    return epoll ? EpollDomainSocketChannel.class : NioDomainSocketChannel.class;
  }

  /** The address of a Unix socket, in the form that {@link #unixChannelType()} connects to. */
  public java.net.SocketAddress unixAddress(java.nio.file.Path socket) {
    return epoll
        ? new io.netty.channel.unix.DomainSocketAddress(socket.toString())
        : java.net.UnixDomainSocketAddress.of(socket);
  }

  /** Stops the loops; channels that are still open are closed. Waits up to ten seconds. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 10, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
  }
}
