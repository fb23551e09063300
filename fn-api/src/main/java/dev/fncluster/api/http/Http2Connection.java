package dev.fncluster.api.http;

import dev.fncluster.api.call.CancelCause;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to the event loop of its channel. A client's connection that speaks HTTP/2; each of its
 * streams is an {@link Http2Stream} on a channel of its own.
 *
 * <p>What a client can make us hold or do is bounded: streams at a time, bytes of bodies by the
 * windows, the size of a head, the time it takes, frames that continue it, resets, frames that only
 * make work.
 */
final class Http2Connection extends ChannelInboundHandlerAdapter implements ServedConnection {
  /** How many streams of one connection may be open at a time. */
  static final int MAX_STREAMS = 128;

  private static final int STREAM_WINDOW = 64 * 1024;
  private static final int MAX_SENT_RESETS = 10_000;
  private static final int SENT_RESETS_WINDOW_SECONDS = 30;

  /** As many as Netty's codec allows. Each answer is worth one more. */
  static final int FREE_RAPID_RESETS = 200;

  private static final long RAPID_NANOS = 50_000_000;
  private static final int MAX_QUEUED_CONTROL_FRAMES = 1_000;
  private static final int MAX_CONTINUATIONS = 64;
  private static final long LINGER_PERIOD_MILLIS = 2_000;
  private static final long MIN_PERIOD_MILLIS = 5;
  private static final long MAX_PERIOD_MILLIS = 5_000;
  private static final Logger LOG = LoggerFactory.getLogger(Http2Connection.class);

  private final ServerParts server;
  private final Http2FrameCodec codec;
  private final FrameMeter meter = new FrameMeter(this);
  private final Allowance rapidResets = new Allowance(FREE_RAPID_RESETS);
  private final Set<Http2Stream> streams = new LinkedHashSet<>();
  private final long idleNanos;
  private final long headNanos;

  private @Nullable ChannelHandlerContext context;
  private @Nullable ScheduledFuture<?> timer;
  private long idleSince = System.nanoTime();
  private boolean streamSeen;
  private boolean draining;
  private boolean lastStreamTold;
  private @Nullable Linger linger;

  private Http2Connection(ServerParts server, Http2FrameCodec codec) {
    this.server = server;
    this.codec = codec;
    idleNanos = server.settings().idleTimeout().toNanos();
    headNanos = server.settings().headerReadTimeout().toNanos();
  }

  /** Puts HTTP/2 where HTTP/1 was in the pipeline of {@code after}, which has read nothing yet. */
  static void install(ChannelHandlerContext after, ServerParts server) {
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forServer()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .maxConcurrentStreams(MAX_STREAMS)
                    .initialWindowSize(STREAM_WINDOW)
                    .maxHeaderListSize(server.settings().maxHeaderSize()))
            // Which resets are too many, the codec can't know. Among those that are sent are those
            // of
            // answers that broke off, which is not the client's doing.
            .decoderEnforceMaxRstFramesPerWindow(0, 0)
            .encoderEnforceMaxRstFramesPerWindow(MAX_SENT_RESETS, SENT_RESETS_WINDOW_SECONDS)
            .decoderEnforceMaxSmallContinuationFrames(MAX_CONTINUATIONS)
            .encoderEnforceMaxQueuedControlFrames(MAX_QUEUED_CONTROL_FRAMES)
            .gracefulShutdownTimeoutMillis(0)
            .validateHeaders(true)
            .build();
    Http2Connection connection = new Http2Connection(server, codec);
    Http2MultiplexHandler multiplexer =
        new Http2MultiplexHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.config().setAutoRead(false);
                channel.pipeline().addLast(new Http2Stream(connection, server));
              }
            });
    var pipeline = after.pipeline();
    pipeline.remove(StrictRequestDecoder.class);
    Connection before = pipeline.remove(Connection.class);
    pipeline.addLast(connection.meter, codec, multiplexer, connection);
    // Frames are read as they come; it is the windows that hold bodies back.
    after.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    after.channel().config().setAutoRead(true);
    if (before.isDraining()) {
      connection.drain();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) throws Http2Exception {
    context = added;
    // A stream whose body nobody wants yet must not use up what the others may send.
    int window = MAX_STREAMS * STREAM_WINDOW;
    var connection = codec.connection();
    connection
        .local()
        .flowController()
        .incrementWindowSize(connection.connectionStream(), window - STREAM_WINDOW);
    long period = period(server.settings());
    if (period > 0) {
      timer =
          added.executor().scheduleAtFixedRate(this::watch, period, period, TimeUnit.MILLISECONDS);
    }
    added.flush();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext from) {
    ScheduledFuture<?> running = timer;
    if (running != null) {
      running.cancel(false);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (message instanceof Http2PingFrame ping && ping.ack() && draining) {
      tellLastStream();
    }
    // Settings, pings and the like: the codec has dealt with them.
    ReferenceCountUtil.release(message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    for (Http2Stream each : List.copyOf(streams)) {
      each.connectionLost();
    }
    from.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    if (cause instanceof Http2Exception) {
      // The codec tells the client what was wrong, and closes.
      LOG.atDebug().setCause(cause).log("a client broke the protocol");
      return;
    }
    if (ServedConnection.isBroken(cause)) {
      LOG.atDebug().setCause(cause).log("a connection broke");
    } else {
      LOG.atError().setCause(cause).log("a connection is closed because of an unexpected failure");
    }
    from.close();
  }

  @Override
  public void drain() {
    ChannelHandlerContext current = context;
    if (current == null || draining) {
      return;
    }
    draining = true;
    // No stream is refused yet: requests may be on their way, and not all clients send those again
    // that are. When the client answers the ping, it has read that it must send no more.
    current.write(
        new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR).setExtraStreamIds(Integer.MAX_VALUE));
    current.writeAndFlush(new DefaultHttp2PingFrame(0));
    current
        .executor()
        .schedule(this::tellLastStream, server.lastRequests().toMillis(), TimeUnit.MILLISECONDS);
  }

  private void tellLastStream() {
    ChannelHandlerContext current = context;
    if (current != null && !lastStreamTold) {
      lastStreamTold = true;
      current.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
      endIfDrained();
    }
  }

  @Override
  public void cancel(CancelCause cause) {
    if (draining) {
      tellLastStream();
    }
    for (Http2Stream each : List.copyOf(streams)) {
      each.cancel(cause);
    }
  }

  /** The client makes more work than it has a reason for. */
  void tooMuch() {
    ChannelHandlerContext current = context;
    if (current != null) {
      LOG.debug("a client sends too many frames that bring nothing");
      current.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.ENHANCE_YOUR_CALM));
      current.close();
    }
  }

  /**
   * A client has reset a stream before it was answered. Those that lived for a while are bounded by
   * how many may be open at a time: proxies reset as many as they have clients that leave. What
   * comes and goes at once is work without end.
   *
   * @param age of the stream in nanoseconds
   */
  void resetByClient(long age) {
    if (age < RAPID_NANOS) {
      broken();
    }
  }

  /** The client made it impossible to go on with a stream, which is as good as a rapid reset. */
  void broken() {
    if (!rapidResets.spend()) {
      meter.dropRest();
      tooMuch();
    }
  }

  /** A request was answered to the end. */
  void answered() {
    rapidResets.earn(1);
  }

  /** A piece of an answer's body was sent. */
  void sentData() {
    meter.sentData();
  }

  /** A piece of a request's body was read; {@code length} is that of its frame's payload. */
  void readData(int length) {
    meter.readData(length);
  }

  /** Whether no more requests are taken, and those that run are to end. */
  boolean isDraining() {
    return draining;
  }

  void opened(Http2Stream stream) {
    streamSeen = true;
    streams.add(stream);
  }

  void closed(Http2Stream stream) {
    if (streams.remove(stream) && streams.isEmpty()) {
      idleSince = System.nanoTime();
      endIfDrained();
    }
  }

  private void endIfDrained() {
    ChannelHandlerContext current = context;
    if (lastStreamTold && streams.isEmpty() && current != null) {
      end(current);
    }
  }

  // The kernel may still have some of the last answer, and forgets it when anything more comes to a
  // socket that is closed; clients that read widen their windows. So it is for them to close.
  private void end(ChannelHandlerContext current) {
    meter.dropRest();
    current
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(sent -> Closing.endOutput(current.channel()));
    linger =
        Linger.begin(current.executor(), LINGER_PERIOD_MILLIS, () -> true, () -> current.close());
  }

  /** Something came that nobody gets any more. */
  void dropped() {
    Linger current = linger;
    if (current != null) {
      current.heard();
    }
  }

  private void watch() {
    long now = System.nanoTime();
    for (Http2Stream each : new ArrayList<>(streams)) {
      each.watch(now);
    }
    ChannelHandlerContext current = context;
    if (current == null) {
      return;
    }
    if (headNanos > 0 && meter.incompleteNanos(now) > headNanos) {
      // The rest of the connection can't go on before this head ends.
      current.close();
      return;
    }
    if (!streams.isEmpty()) {
      return;
    }
    long limit = streamSeen || headNanos == 0 ? idleNanos : headNanos;
    if (limit > 0 && now - idleSince > limit) {
      drain();
    }
  }

  // A quarter of the shortest timeout, or 0 when there is none.
  private static long period(HttpServerSettings settings) {
    long shortest = Long.MAX_VALUE;
    for (Duration each :
        List.of(
            settings.idleTimeout(),
            settings.headerReadTimeout(),
            settings.bodyReadTimeout(),
            settings.responseWriteTimeout())) {
      if (each.isPositive()) {
        shortest = Math.min(shortest, each.toMillis());
      }
    }
    return shortest == Long.MAX_VALUE
        ? 0
        : Math.clamp(shortest / 4, MIN_PERIOD_MILLIS, MAX_PERIOD_MILLIS);
  }
}
