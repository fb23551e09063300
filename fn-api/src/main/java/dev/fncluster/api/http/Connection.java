package dev.fncluster.api.http;

import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.api.error.InvocationErrors;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to the event loop of its channel. One client's connection: takes one request at a time
 * from it and reads no more than that needs.
 *
 * <p>Between the socket and the exchange stands a queue of what the decoder made of one reading of
 * the socket. As long as it is empty and nobody holds the client back, one reading is under way:
 * that is how a client that closes its end is noticed on every transport.
 *
 * <pre>
 *   request ──▶ exchange ──▶ answered ──▶ rest of its body dropped ──▶ next request
 *                                └──▶ too much of it, or last one ──▶ linger ──▶ closed
 * </pre>
 */
final class Connection extends ChannelInboundHandlerAdapter
    implements StreamedBody.Source, ServedConnection {
  /** How much of a body nobody wanted is read to keep a connection. */
  static final int MAX_DROPPED_BODY = 64 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

  /** How long the last bytes of a client are waited for when the server is to stop. */
  private static final long LAST_BYTES_MILLIS = 500;

  private final ServerParts server;
  private final ArrayDeque<HttpObject> queue = new ArrayDeque<>(4);

  private @Nullable ChannelHandlerContext context;
  private @Nullable ResponseOutput output;
  private @Nullable ServerExchange exchange;
  private @Nullable StreamedBody body;
  private @Nullable ConnectionWatch watch;

  private boolean reading;
  private boolean advancing;
  private boolean bodyEnded;
  private boolean answered;
  private boolean closeAfterAnswer;
  private boolean continueExpected;
  private long dropped;
  private boolean inputClosed;
  private boolean draining;
  private boolean lingering;
  private @Nullable Linger linger;

  Connection(ServerParts server) {
    this.server = server;
  }

  ServerParts server() {
    return server;
  }

  EventLoop eventLoop() {
    return channel().eventLoop();
  }

  ResponseOutput output() {
    return Objects.requireNonNull(output, "the handler was added");
  }

  boolean isWritable() {
    return channel().isWritable();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    output = new ResponseOutput(added);
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    watch = ConnectionWatch.start(this, active, server.settings());
    readIfWanted();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext from) {
    // Either the channel is closed, or the client speaks HTTP/2 and nothing was read yet.
    ConnectionWatch current = watch;
    if (current != null) {
      current.stop();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (lingering || !(message instanceof HttpObject object)) {
      heardWhileLingering();
      ReferenceCountUtil.release(message);
      return;
    }
    queue.add(object);
    advance();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    reading = false;
    readIfWanted();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext from) {
    if (!from.channel().isWritable()) {
      return;
    }
    ServerExchange current = exchange;
    if (current != null) {
      guarded(current::writable);
    } else {
      advance();
      readIfWanted();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputEnded();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    inputEnded();
    output().discard();
    releaseQueue();
    ConnectionWatch current = watch;
    if (current != null) {
      current.stop();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    // Whoever waits for this one hears that the client has gone.
    if (ServedConnection.isBroken(cause)) {
      LOG.atDebug().setCause(cause).log("a connection broke");
    } else {
      LOG.atError().setCause(cause).log("a connection is closed because of an unexpected failure");
    }
    from.close();
  }

  @Override
  public @Nullable HttpContent poll() {
    if (!(queue.peek() instanceof HttpContent content)) {
      return null;
    }
    queue.remove();
    if (content.decoderResult().isFailure()) {
      closeAfterAnswer = true;
    } else if (content instanceof LastHttpContent) {
      bodyEnded = true;
      watching(ConnectionWatch.Phase.ANSWER);
      readIfWanted();
    }
    return content;
  }

  @Override
  public void more() {
    if (continueExpected) {
      continueExpected = false;
      ServerExchange current = exchange;
      if (current != null && !current.isHeadWritten()) {
        ResponseHead.continueInterim(output().buffer());
        output().flush();
      }
    }
    readIfWanted();
  }

  @Override
  public void execute(Runnable task) {
    eventLoop().execute(() -> guarded(task));
  }

  /** Whether the connection may be used again once the current request is answered. */
  boolean canGoOnAfterAnswer() {
    return !draining
        && !inputClosed
        && !closeAfterAnswer
        && (!continueExpected || bodyEnded)
        && !isRestTooLong();
  }

  /** The current exchange has written all of its answer. */
  void answered(boolean close) {
    answered = true;
    closeAfterAnswer |= close;
    advance();
    readIfWanted();
  }

  /** Closes because the client has gone anyway. */
  void abort() {
    answered = true;
    closeAfterAnswer = true;
    channel().close();
  }

  /** Closes so that the client can't take what it has for a whole answer. */
  void reset() {
    output().discard();
    answered = true;
    closeAfterAnswer = true;
    Closing.reset(channel());
  }

  @Override
  public void drain() {
    draining = true;
    if (lingering) {
      if (linger != null) {
        closeSoon();
      }
      return;
    }
    if (exchange != null) {
      advance();
      return;
    }
    // A request may be on its way, or wait to be read. It is answered, and its answer tells the
    // client to go elsewhere; only who has nothing to ask loses the connection.
    eventLoop()
        .schedule(this::closeIfIdle, server.lastRequests().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether the client is to send no more requests. */
  boolean isDraining() {
    return draining;
  }

  @Override
  public void cancel(CancelCause cause) {
    ServerExchange current = exchange;
    if (current != null) {
      current.context().cancel(cause);
    } else {
      closeIfIdle();
    }
  }

  private void closeIfIdle() {
    if (exchange == null && !lingering && !channelContext().isRemoved()) {
      closeWhenSent();
    }
  }

  /** The client took too long over its body. */
  void bodyTooSlow() {
    closeAfterAnswer = true;
    StreamedBody current = body;
    if (current != null && !answered) {
      guarded(() -> current.fail(HttpErrors.bodyTooSlow()));
    } else {
      channel().close();
    }
  }

  /** The client takes nothing of its answer. */
  void stalled() {
    output().discard();
    Closing.reset(channel());
  }

  /** Whether it is the client's turn to send more of its body. */
  boolean isWaitingForBody() {
    StreamedBody current = body;
    return answered || current == null || current.isWanting();
  }

  /** Bytes of a request came, maybe not enough for the decoder. */
  void bytesRead() {
    ConnectionWatch current = watch;
    if (current != null) {
      current.bytesRead();
    }
  }

  private Channel channel() {
    return channelContext().channel();
  }

  private ChannelHandlerContext channelContext() {
    return Objects.requireNonNull(context, "the handler was added");
  }

  private void readIfWanted() {
    if (!reading && wantsToRead()) {
      reading = true;
      channelContext().read();
    }
  }

  private boolean wantsToRead() {
    if (inputClosed) {
      return false;
    }
    if (lingering) {
      return true;
    }
    if (exchange == null || bodyEnded) {
      return queue.isEmpty();
    }
    return isWaitingForBody() || isRequestQueuedWhole();
  }

  // One reading may stay under way then, as after the body's end: taking the socket's interest away
  // and giving it back costs two system calls a request.
  private boolean isRequestQueuedWhole() {
    return queue.size() == 1 && queue.peek() instanceof LastHttpContent;
  }

  private void inputEnded() {
    if (inputClosed) {
      return;
    }
    inputClosed = true;
    ServerExchange current = exchange;
    if (current == null || lingering || answered) {
      closeWhenSent();
      return;
    }
    current.clientGone();
    StreamedBody unread = body;
    if (unread != null && !bodyEnded) {
      guarded(() -> unread.fail(InvocationErrors.clientCancelled()));
    }
  }

  private void advance() {
    if (advancing) {
      return;
    }
    advancing = true;
    try {
      while (step()) {
        // Every step takes something from the queue or ends an exchange.
      }
    } finally {
      advancing = false;
    }
  }

  private boolean step() {
    if (lingering) {
      releaseQueue();
      return false;
    }
    if (exchange == null) {
      // A client that asks on and takes no answers would have them pile up here.
      HttpObject next = isWritable() ? queue.poll() : null;
      if (next == null) {
        return false;
      }
      if (next instanceof HttpRequest request) {
        begin(request);
      } else {
        ReferenceCountUtil.release(next);
      }
      return true;
    }
    StreamedBody current = body;
    if (!bodyEnded && (answered || current == null)) {
      return dropBody();
    }
    if (answered && bodyEnded) {
      endExchange();
      return true;
    }
    if (current != null && !bodyEnded && current.isWanting() && !queue.isEmpty()) {
      int before = queue.size();
      guarded(current::pump);
      return queue.size() != before || answered;
    }
    return false;
  }

  // What a handler's code throws in a callback ends its exchange, as what it throws at the start.
  private void guarded(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException e) {
      ServerExchange current = exchange;
      if (current != null) {
        current.complete(e);
      }
    }
  }

  private boolean dropBody() {
    HttpContent unwanted = poll();
    if (unwanted == null) {
      if (answered && (closeAfterAnswer || draining)) {
        linger();
      }
      return false;
    }
    dropped += unwanted.content().readableBytes();
    boolean malformed = unwanted.decoderResult().isFailure();
    unwanted.release();
    if (!bodyEnded && (malformed || dropped > MAX_DROPPED_BODY)) {
      linger();
      return false;
    }
    return true;
  }

  private void endExchange() {
    exchange = null;
    body = null;
    if (closeAfterAnswer || draining || inputClosed) {
      if (queue.isEmpty()) {
        closeWhenSent();
      } else {
        linger();
      }
    } else {
      watching(ConnectionWatch.Phase.IDLE);
    }
  }

  // Closing a socket with input unread resets it, and the answer may be lost with that: so the
  // sending side is closed first, and what comes is dropped until nothing comes for a moment. There
  // are clients that read no answer before they have sent all, but they don't have forever.
  private void linger() {
    lingering = true;
    releaseQueue();
    Channel channel = channel();
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(done -> {
          Closing.endOutput(channel);
          if (draining) {
            closeSoon();
          } else {
            linger = Linger.begin(eventLoop(), Linger.PERIOD_MILLIS, () -> true, channel::close);
          }
        });
  }

  private void closeSoon() {
    eventLoop().schedule(() -> channel().close(), LAST_BYTES_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void heardWhileLingering() {
    Linger current = linger;
    if (current != null) {
      current.heard();
    }
  }

  private void closeWhenSent() {
    lingering = true;
    releaseQueue();
    channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  private void releaseQueue() {
    for (HttpObject each = queue.poll(); each != null; each = queue.poll()) {
      ReferenceCountUtil.release(each);
    }
  }

  private boolean isRestTooLong() {
    StreamedBody current = body;
    return current != null
        && !bodyEnded
        && current.length() >= 0
        && current.length() - current.received() > MAX_DROPPED_BODY;
  }

  private void watching(ConnectionWatch.Phase phase) {
    ConnectionWatch current = watch;
    if (current != null) {
      current.enter(phase);
    }
  }

  private void begin(HttpRequest message) {
    if (message.decoderResult().isFailure()) {
      refuse(RequestHeads.statusOf(message.decoderResult().cause()));
      return;
    }
    RequestTarget target = RequestTarget.parse(message.uri());
    int refusal = target == null ? 400 : RequestHeads.refusal(message);
    if (target == null || refusal != 0) {
      refuse(refusal);
      return;
    }
    long length =
        HttpUtil.isTransferEncodingChunked(message) ? -1 : HttpUtil.getContentLength(message, 0L);
    boolean oldProtocol = message.protocolVersion().equals(HttpVersion.HTTP_1_0);
    bodyEnded = false;
    answered = false;
    dropped = 0;
    closeAfterAnswer = false;
    continueExpected = length != 0 && !oldProtocol && HttpUtil.is100ContinueExpected(message);
    body = length == 0 ? null : newBody(length);
    watching(ConnectionWatch.Phase.BODY);
    start(message, target, length, oldProtocol);
  }

  private StreamedBody newBody(long length) {
    return new StreamedBody(
        this,
        channelContext().alloc(),
        length,
        server.settings().maxRequestSize(),
        server.replaySpace());
  }

  private void start(HttpRequest message, RequestTarget target, long length, boolean oldProtocol) {
    StreamedBody streamed = body;
    Router.Match match = server.router().match(message.method().name(), target.path());
    ServerExchange started =
        new ServerExchange(
            new Http1Answer(this, HttpUtil.isKeepAlive(message), oldProtocol),
            server.seen(
                RequestHeads.of(
                    message, target, match, server.scheme(), RequestHeads.addressOf(channel()))),
            streamed == null ? EmptyBody.create() : streamed);
    exchange = started;
    Dispatcher.start(
        server, started, match, target, length, RequestHeads.hasUnknownExpectation(message));
  }

  // Nothing after such a request can be trusted to be the beginning of another.
  private void refuse(int status) {
    Refusals.write(output().buffer(), status, server.date());
    output().flush();
    linger();
  }
}
