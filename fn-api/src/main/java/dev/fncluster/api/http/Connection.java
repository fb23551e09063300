package dev.fncluster.api.http;

import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.error.InvocationErrors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

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
final class Connection extends ChannelInboundHandlerAdapter implements StreamedBody.Source {
  /** How much of a body nobody wanted is read to keep a connection. */
  static final int MAX_DROPPED_BODY = 64 * 1024;

  private static final long LINGER_MILLIS = 500;
  private static final Set<String> KNOWN_METHODS =
      Set.of("GET", "POST", "PUT", "PATCH", "HEAD", "OPTIONS", "DELETE", "CONNECT", "TRACE");

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

  Connection(ServerParts server) {
    this.server = server;
  }

  /** Whether HTTP defines that method. */
  static boolean isKnownMethod(String method) {
    return KNOWN_METHODS.contains(method);
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
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (lingering || !(message instanceof HttpObject object)) {
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
      current.writable();
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
    // Broken connections are everyday; whoever waits for this one hears that the client has gone.
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

  /** Whether the connection may be used again once the current request is answered. */
  boolean canGoOnAfterAnswer() {
    return !draining && !inputClosed && !closeAfterAnswer && !continueExpected && !isRestTooLong();
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
    channel().config().setOption(ChannelOption.SO_LINGER, 0);
    abort();
  }

  /** Answers what is under way and nothing after it. */
  void drain() {
    draining = true;
    if (exchange == null) {
      closeWhenSent();
    }
  }

  /** Ends what is under way, with a cause. */
  void cancel(CancelCause cause) {
    ServerExchange current = exchange;
    if (current != null) {
      current.context().cancel(cause);
    }
  }

  /** The client took too long over its body. */
  void bodyTooSlow() {
    closeAfterAnswer = true;
    StreamedBody current = body;
    if (current != null && !answered) {
      current.fail(HttpErrors.bodyTooSlow());
    } else {
      channel().close();
    }
  }

  /** The client takes nothing of its answer. */
  void stalled() {
    ServerExchange current = exchange;
    if (current != null) {
      current.clientGone();
    }
    reset();
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
    StreamedBody current = body;
    return answered || current == null || current.isWanting();
  }

  private void inputEnded() {
    if (inputClosed) {
      return;
    }
    inputClosed = true;
    ServerExchange current = exchange;
    if (current == null || lingering) {
      closeWhenSent();
      return;
    }
    current.clientGone();
    StreamedBody unread = body;
    if (unread != null && !bodyEnded) {
      unread.fail(InvocationErrors.clientCancelled());
    }
    if (answered) {
      closeWhenSent();
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
      current.pump();
      return queue.size() != before || answered;
    }
    return false;
  }

  private boolean dropBody() {
    HttpContent unwanted = poll();
    if (unwanted == null) {
      if (answered && closeAfterAnswer) {
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
      closeWhenSent();
    } else {
      watching(ConnectionWatch.Phase.IDLE);
    }
  }

  // Closing a socket with input unread resets it, and the answer may be lost with that: so the
  // sending side is closed first, and for a moment what comes is dropped.
  private void linger() {
    lingering = true;
    releaseQueue();
    Channel channel = channel();
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(done -> {
          if (channel instanceof DuplexChannel duplex && channel.isActive()) {
            duplex.shutdownOutput();
          }
          channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
        });
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
    bodyEnded = false;
    answered = false;
    dropped = 0;
    closeAfterAnswer = false;
    boolean oldProtocol = message.protocolVersion().equals(HttpVersion.HTTP_1_0);
    continueExpected = !oldProtocol && HttpUtil.is100ContinueExpected(message);
    watching(ConnectionWatch.Phase.BODY);
    start(message, target, oldProtocol);
  }

  private void start(HttpRequest message, RequestTarget target, boolean oldProtocol) {
    long length =
        HttpUtil.isTransferEncodingChunked(message) ? -1 : HttpUtil.getContentLength(message, 0L);
    StreamedBody streamed =
        length == 0
            ? null
            : new StreamedBody(
                this,
                channelContext().alloc(),
                length,
                server.settings().maxRequestSize(),
                server.keepLimit());
    RequestBody requestBody = streamed == null ? EmptyBody.create() : streamed;
    body = streamed;
    String method = message.method().name();
    String origin = Objects.requireNonNullElse(message.headers().get("Origin"), "");
    long max = server.settings().maxRequestSize();
    Router.Match match = server.router().match(method, target.path());
    HttpRequestHead head = RequestHeads.of(message, target, match, server.scheme());
    ServerExchange started =
        new ServerExchange(this, head, requestBody, HttpUtil.isKeepAlive(message), oldProtocol);
    exchange = started;
    try {
      if (max > 0 && length > max) {
        started.complete(InvocationErrors.bodyTooLarge(length, max));
      } else if (message.headers().contains("Expect") && !continueExpected && !oldProtocol) {
        started.complete(HttpErrors.expectationFailed());
      } else {
        dispatch(started, match, method, origin, target);
      }
    } catch (Exception e) {
      started.complete(e);
    }
  }

  private void dispatch(
      ServerExchange started, Router.Match match, String method, String origin, RequestTarget to)
      throws Exception {
    switch (server.cors().judge(method, origin)) {
      case FORBIDDEN -> {
        started.respond(HttpResponse.empty(403));
        return;
      }
      case PREFLIGHT -> {
        started.respond(server.cors().preflight(origin));
        return;
      }
      case ALLOWED -> server.cors().addTo(started, origin);
      case UNTOUCHED -> {}
    }
    switch (match) {
      case Router.Match.Found found -> {
        started.observe(found.route().pattern());
        found.route().handler().handle(started);
      }
      case Router.Match.OtherSlash ignored -> {
        started.observe(RequestObserver.INVALID_ROUTE);
        started.respond(Redirects.to(method, to.withPathSlashToggled()));
      }
      case Router.Match.WrongMethod ignored -> {
        started.observe(RequestObserver.INVALID_ROUTE);
        started.complete(InvocationErrors.methodNotAllowed(method, to.path()));
      }
      case Router.Match.NotFound ignored -> {
        started.observe(RequestObserver.INVALID_ROUTE);
        started.complete(InvocationErrors.pathNotFound(method, to.path()));
      }
    }
  }

  // Nothing after such a request can be trusted to be the beginning of another.
  private void refuse(int status) {
    ByteBuf out = output().buffer();
    byte[] text = HttpResponseStatus.valueOf(status).toString().getBytes(StandardCharsets.US_ASCII);
    ResponseHead.status(out, status);
    ResponseHead.header(out, "Content-Type", "text/plain; charset=utf-8");
    ResponseHead.contentLength(out, text.length);
    ResponseHead.close(out);
    out.writeBytes(server.date().line());
    ResponseHead.lineEnd(out);
    out.writeBytes(text);
    output().flush();
    linger();
  }
}
