package dev.fncluster.api.http;

import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to the event loop of its connection. One request and its answer as a stream of HTTP/2.
 * What goes wrong here ends this stream only.
 *
 * <p>Bytes of a body that nobody has read yet are not given back to the client's window: that is
 * what holds it back.
 */
final class Http2Stream extends ChannelInboundHandlerAdapter
    implements StreamedBody.Source, AnswerWriter {
  private static final Logger LOG = LoggerFactory.getLogger(Http2Stream.class);
  private static final int MAX_PIECE = 16 * 1024;

  private final Http2Connection connection;
  private final ServerParts server;
  private final ArrayDeque<HttpContent> queue = new ArrayDeque<>(4);
  private final ChannelFutureListener written = future -> onWritten();
  private final Runnable flushTask = this::flushScheduled;

  private @Nullable ChannelHandlerContext context;
  private @Nullable ServerExchange exchange;
  private @Nullable StreamedBody body;
  private boolean reading;
  private boolean bodyEnded;
  private boolean inputEnded;
  private boolean continueExpected;
  private boolean answered;
  private boolean over;
  private boolean flushScheduled;
  private long remaining = -1;
  private boolean endSent;
  private @Nullable Linger linger;

  private int unwritten;
  private long progress;
  private long seenProgress;
  private final long begun = System.nanoTime();
  private long bodySince;
  private long writeSince;

  Http2Stream(Http2Connection connection, ServerParts server) {
    this.connection = connection;
    this.server = server;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    if (added.channel().isActive()) {
      channelActive(added);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    connection.opened(this);
    readIfWanted();
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (message instanceof Http2DataFrame data && !data.isEndStream()) {
      connection.readData(data.initialFlowControlledBytes());
    }
    if (over) {
      ReferenceCountUtil.release(message);
    } else if (message instanceof Http2HeadersFrame head) {
      if (exchange == null && !answered) {
        begin(head.headers(), head.isEndStream());
      } else if (head.isEndStream()) {
        received(LastHttpContent.EMPTY_LAST_CONTENT);
      }
    } else if (message instanceof Http2DataFrame data) {
      received(
          data.isEndStream()
              ? new DefaultLastHttpContent(data.content())
              : new DefaultHttpContent(data.content()));
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    reading = false;
    readIfWanted();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext from) {
    ServerExchange current = exchange;
    if (current != null && from.channel().isWritable()) {
      guarded(current::writable);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event instanceof Http2ResetFrame) {
      if (!answered && !over) {
        connection.resetByClient(System.nanoTime() - begun);
      }
      connectionLost();
    }
    ReferenceCountUtil.release(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    connectionLost();
    connection.closed(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    if (cause instanceof Http2Exception broken) {
      LOG.atDebug().setCause(cause).log("a client broke a stream");
      connection.broken();
      giveUp(broken.error());
    } else if (ServedConnection.isBroken(cause)) {
      LOG.atDebug().setCause(cause).log("the connection of a stream broke");
      connectionLost();
    } else {
      LOG.atError().setCause(cause).log("a stream is reset because of an unexpected failure");
      giveUp(Http2Error.INTERNAL_ERROR);
    }
  }

  @Override
  public @Nullable HttpContent poll() {
    HttpContent content = queue.poll();
    if (content instanceof LastHttpContent) {
      bodyEnded = true;
    }
    if (content != null) {
      readIfWanted();
    }
    return content;
  }

  @Override
  public void more() {
    ServerExchange current = exchange;
    if (continueExpected && current != null && !current.isHeadWritten()) {
      context()
          .writeAndFlush(
              new DefaultHttp2HeadersFrame(new DefaultHttp2Headers(false).status("100")));
    }
    continueExpected = false;
    readIfWanted();
    StreamedBody unread = body;
    if (unread != null && !queue.isEmpty()) {
      // What the codec held came at once, while the body was waiting for this call to return.
      execute(unread::pump);
    }
  }

  @Override
  public void execute(Runnable task) {
    eventLoop().execute(() -> guarded(task));
  }

  @Override
  public EventLoop eventLoop() {
    return context().channel().eventLoop();
  }

  @Override
  public ServerParts server() {
    return server;
  }

  @Override
  public boolean isWritable() {
    return context().channel().isWritable();
  }

  @Override
  public void head(
      int status,
      Headers headers,
      Headers overriding,
      Headers adding,
      long length,
      boolean bodiless) {
    remaining = bodiless ? 0 : length;
    endSent = remaining == 0;
    write(
        new DefaultHttp2HeadersFrame(
            Http2Heads.response(status, headers, overriding, adding, length, server.date()),
            endSent));
  }

  @Override
  public void data(ByteBuf piece) {
    if (over) {
      piece.release();
      return;
    }
    while (piece.readableBytes() > MAX_PIECE) {
      writeData(piece.readRetainedSlice(MAX_PIECE));
    }
    writeData(piece);
  }

  @Override
  public void flushLater() {
    if (!flushScheduled) {
      flushScheduled = true;
      eventLoop().execute(flushTask);
    }
  }

  @Override
  public void end() {
    answered = true;
    connection.answered();
    if (!endSent) {
      endSent = true;
      write(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
    }
    context().flush();
    releaseQueue();
    closeIfDone();
    // What came while nobody wanted it gave nothing back to the client's window yet.
    readIfWanted();
  }

  @Override
  public void abort() {
    finish();
    closeSilently();
  }

  // With CANCEL, Node's client would take what it has for the whole answer.
  @Override
  public void reset() {
    if (!over) {
      reset(Http2Error.INTERNAL_ERROR);
    }
  }

  private void reset(Http2Error why) {
    finish();
    context()
        .writeAndFlush(new DefaultHttp2ResetFrame(why))
        .addListener(ChannelFutureListener.CLOSE);
  }

  /** Nothing will come from the client any more, and nothing reaches it. */
  void connectionLost() {
    if (!over) {
      finish();
      clientGone();
    }
  }

  /** The stream can't go on: its client hears that, and its exchange that nobody waits for it. */
  private void giveUp(Http2Error why) {
    if (!over) {
      reset(why);
      clientGone();
    }
  }

  private void clientGone() {
    ServerExchange current = exchange;
    if (current == null || answered) {
      closeSilently();
      return;
    }
    current.clientGone();
    StreamedBody unread = body;
    if (unread != null && !bodyEnded) {
      guarded(() -> unread.fail(InvocationErrors.clientCancelled()));
    }
  }

  // A reset must not be answered by another: when the codec has done with the client's, none is
  // sent.
  private void closeSilently() {
    if (context().channel().isOpen()) {
      eventLoop().execute(() -> context().close());
    }
  }

  /** Ends what is under way, with a cause. */
  void cancel(CancelCause cause) {
    ServerExchange current = exchange;
    if (current != null) {
      current.context().cancel(cause);
    }
  }

  /** Looks whether the client takes too long. */
  void watch(long now) {
    if (over) {
      return;
    }
    StreamedBody current = body;
    long bodyLimit = server.settings().bodyReadTimeout().toNanos();
    if (bodyEnded || answered || current == null || !current.isWanting()) {
      bodySince = now;
    } else if (bodyLimit > 0 && now - bodySince > bodyLimit) {
      bodySince = now;
      guarded(() -> current.fail(HttpErrors.bodyTooSlow()));
    }
    long writeLimit = server.settings().responseWriteTimeout().toNanos();
    if (unwritten == 0 || progress != seenProgress) {
      seenProgress = progress;
      writeSince = now;
    } else if (writeLimit > 0 && now - writeSince > writeLimit) {
      giveUp(Http2Error.INTERNAL_ERROR);
    }
  }

  private void begin(Http2Headers headers, boolean last) {
    RequestTarget target = Http2Heads.target(headers);
    bodyEnded = last;
    inputEnded = last;
    bodySince = begun;
    writeSince = begun;
    if (target == null || headers.size() > CountedHeaders.MAX) {
      refuse(target == null ? 400 : 431);
      return;
    }
    CharSequence expectation = headers.get("expect");
    boolean awaitsContinue =
        expectation != null && "100-continue".equalsIgnoreCase(expectation.toString());
    continueExpected = !last && awaitsContinue;
    long length = last ? 0 : Http2Heads.length(headers);
    StreamedBody streamed = last ? null : newBody(length);
    body = streamed;
    String method = Objects.requireNonNullElse(headers.method(), "").toString();
    Router.Match match = server.router().match(method, target.path());
    ServerExchange started =
        new ServerExchange(
            this,
            server.seen(
                Http2Heads.request(
                    headers,
                    target,
                    match,
                    server.scheme(),
                    RequestHeads.addressOf(context().channel().parent()))),
            streamed == null ? EmptyBody.create() : streamed);
    exchange = started;
    Dispatcher.start(
        server, started, match, target, length, expectation != null && !awaitsContinue);
  }

  private StreamedBody newBody(long length) {
    return new StreamedBody(
        this, context().alloc(), length, server.settings().maxRequestSize(), server.replaySpace());
  }

  private void refuse(int status) {
    byte[] text = HttpResponseStatus.valueOf(status).toString().getBytes(StandardCharsets.US_ASCII);
    Headers headers = new Headers(1).add("Content-Type", "text/plain; charset=utf-8");
    head(status, headers, new Headers(0), new Headers(0), text.length, false);
    data(Unpooled.wrappedBuffer(text));
    end();
  }

  private void received(HttpContent content) {
    inputEnded |= content instanceof LastHttpContent;
    Linger lingering = linger;
    if (lingering != null) {
      lingering.heard();
    }
    StreamedBody current = body;
    if (answered || current == null) {
      content.release();
      closeIfDone();
      return;
    }
    queue.add(content);
    if (current.isWanting()) {
      guarded(current::pump);
    }
  }

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

  private void readIfWanted() {
    if (!reading && !over && wantsToRead()) {
      reading = true;
      context().read();
    }
  }

  private boolean wantsToRead() {
    StreamedBody current = body;
    return current == null || bodyEnded || answered || (queue.isEmpty() && current.isWanting());
  }

  private void writeData(ByteBuf piece) {
    if (remaining >= 0) {
      remaining -= piece.readableBytes();
      endSent = remaining == 0;
    }
    connection.sentData();
    write(new DefaultHttp2DataFrame(piece, endSent));
  }

  private void write(Object frame) {
    unwritten++;
    context().write(frame).addListener(written);
  }

  private void onWritten() {
    unwritten--;
    progress++;
    closeIfDone();
  }

  private void closeIfDone() {
    if (over || !answered || unwritten > 0) {
      return;
    }
    if (inputEnded) {
      finish();
      context().close();
    } else if (linger == null) {
      // An answer that is sent whole is worth having, so the rest of the request is refused without
      // calling the answer off. There are clients, though, curl 7.88 among them, that forget the
      // answer when that comes before they have sent all.
      linger =
          Linger.begin(
              eventLoop(), Linger.PERIOD_MILLIS, () -> !connection.isDraining(), this::lingered);
    }
  }

  private void lingered() {
    if (!over) {
      reset(Http2Error.NO_ERROR);
    }
  }

  private void finish() {
    over = true;
    releaseQueue();
  }

  private void releaseQueue() {
    for (HttpContent each = queue.poll(); each != null; each = queue.poll()) {
      each.release();
    }
  }

  private void flushScheduled() {
    flushScheduled = false;
    context().flush();
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context, "the handler was added");
  }
}
