package dev.fncluster.api.http;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.error.Blame;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Confined to the event loop of its connection, except where {@link HttpExchange} says otherwise.
 * One request and the writing of its answer.
 */
final class ServerExchange implements HttpExchange, ResponseSink {
  private static final Logger LOG = LoggerFactory.getLogger(ServerExchange.class);
  private static final Headers NONE = new Headers(0);
  private static final int CLIENT_GONE = 444;

  /** How the end of an answer's body is told. */
  private enum Framing {
    LENGTH,
    CHUNKED,
    END_OF_CONNECTION,
    NO_BODY
  }

  private final Connection connection;
  private final HttpRequestHead request;
  private final RequestBody body;
  private final CallContext context = CallContext.create();
  private final boolean keepAlive;
  private final boolean oldProtocol;

  private Headers overriding = NONE;
  private Headers adding = NONE;
  private @Nullable Runnable writableListener;
  private @Nullable String observedRoute;
  private long startNanos;
  private boolean blameUser;
  private boolean clientGone;

  private boolean headWritten;
  private boolean done;
  private boolean closeAfter;
  private int status;
  private String fdkVersion = "";
  private Framing framing = Framing.NO_BODY;
  private long announced = -1;
  private long sent;
  private @Nullable String broken;

  /**
   * An exchange that has just begun.
   *
   * @param keepAlive whether the client wants to go on using its connection
   * @param oldProtocol whether it speaks HTTP/1.0
   */
  ServerExchange(
      Connection connection,
      HttpRequestHead request,
      RequestBody body,
      boolean keepAlive,
      boolean oldProtocol) {
    this.connection = connection;
    this.request = request;
    this.body = body;
    this.keepAlive = keepAlive;
    this.oldProtocol = oldProtocol;
  }

  @Override
  public HttpRequestHead request() {
    return request;
  }

  @Override
  public RequestBody body() {
    return body;
  }

  @Override
  public CallContext context() {
    return context;
  }

  @Override
  public EventLoop eventLoop() {
    return connection.eventLoop();
  }

  @Override
  public ResponseSink response() {
    return this;
  }

  @Override
  public void setResponseHeader(String name, String value) {
    if (overriding.size() == 0) {
      overriding = new Headers(2);
    }
    overriding.set(name, value);
  }

  /** A header beside those of that name which the answer has. */
  void addResponseHeader(String name, String value) {
    if (adding.size() == 0) {
      adding = new Headers(1);
    }
    adding.add(name, value);
  }

  @Override
  public void blameUser() {
    blameUser = true;
  }

  /** Has the end of this exchange observed, as one of {@code route}. */
  void observe(String route) {
    observedRoute = route;
    startNanos = System.nanoTime();
    connection.server().observer().started(observedMethod(), route);
  }

  /** Nobody waits for this answer any more. */
  void clientGone() {
    clientGone = true;
    context.cancel(CancelCause.CLIENT_GONE);
  }

  @Override
  public void head(int statusCode, Headers headers) {
    if (done || headWritten || broken != null || clientGone) {
      return;
    }
    if (isImpossible(statusCode)) {
      broken = "status " + statusCode + ", which no final answer may have";
      return;
    }
    writeHead(statusCode, headers, announcedLength(headers));
    connection.output().flushLater();
  }

  @Override
  public boolean isHeadWritten() {
    return headWritten;
  }

  @Override
  public void data(ByteBuf chunk) {
    int length = chunk.readableBytes();
    if (done || broken != null || length == 0 || !headWritten || clientGone) {
      chunk.release();
      return;
    }
    sent += length;
    if (announced >= 0 && sent > announced) {
      chunk.release();
      broken = "more than the announced " + announced + " bytes";
      return;
    }
    writeData(chunk, length);
    connection.output().flushLater();
  }

  @Override
  public boolean isWritable() {
    return connection.isWritable();
  }

  @Override
  public void onWritable(Runnable listener) {
    writableListener = listener;
  }

  /** The connection takes output again. */
  void writable() {
    Runnable listener = writableListener;
    if (listener != null && !done) {
      listener.run();
    }
  }

  @Override
  public void complete(@Nullable Throwable failure) {
    EventLoop loop = eventLoop();
    if (!loop.inEventLoop()) {
      loop.execute(() -> complete(failure));
      return;
    }
    if (done) {
      return;
    }
    if (clientGone) {
      finish(headWritten ? status : CLIENT_GONE, Blame.SERVICE);
      connection.abort();
    } else if (failure != null) {
      fail(failure);
    } else if (!headWritten && broken == null) {
      respondHere(HttpResponse.empty(200));
    } else {
      end();
    }
  }

  @Override
  public void respond(HttpResponse response) {
    EventLoop loop = eventLoop();
    if (!loop.inEventLoop()) {
      loop.execute(() -> respond(response));
      return;
    }
    if (done) {
      return;
    }
    if (headWritten) {
      complete(new IllegalStateException("an answer after the head of another"));
      return;
    }
    respondHere(response);
  }

  private void respondHere(HttpResponse response) {
    if (isImpossible(response.status())) {
      fail(new IllegalStateException("no final answer may have status " + response.status()));
      return;
    }
    byte[] bytes = response.body();
    writeHead(response.status(), response.headers(), bytes.length);
    if (framing != Framing.NO_BODY && bytes.length > 0) {
      connection.output().add(Unpooled.wrappedBuffer(bytes));
    }
    sent = bytes.length;
    end();
  }

  private void end() {
    if (broken == null && announced >= 0 && sent != announced) {
      broken = "only " + sent + " of the announced " + announced + " bytes";
    }
    String why = broken;
    if (why != null) {
      fail(new IllegalStateException("the producer of an answer sent " + why));
      return;
    }
    if (framing == Framing.CHUNKED) {
      ResponseHead.lastChunk(connection.output().buffer());
    }
    finish(status, blameUser ? Blame.USER : Blame.SERVICE);
    connection.output().flush();
    connection.answered(closeAfter);
  }

  private void fail(Throwable failure) {
    FnException visible = ErrorResponses.visible(failure);
    logFailure(visible, failure);
    if (headWritten) {
      finish(status, visible.blame());
      connection.reset();
      return;
    }
    if (visible.code() == CLIENT_GONE) {
      finish(CLIENT_GONE, Blame.SERVICE);
      connection.abort();
      return;
    }
    broken = null;
    HttpResponse response = ErrorResponses.of(visible);
    blameUser = visible.blame() == Blame.USER;
    respondHere(response);
  }

  private void finish(int finalStatus, Blame blame) {
    done = true;
    body.close();
    String route = observedRoute;
    if (route != null) {
      connection
          .server()
          .observer()
          .finished(
              observedMethod(),
              route,
              finalStatus,
              blame,
              fdkVersion,
              System.nanoTime() - startNanos);
    }
  }

  private void writeHead(int statusCode, Headers headers, long length) {
    headWritten = true;
    status = statusCode;
    boolean noBody = statusCode == 204 || statusCode == 304;
    boolean headOnly = request.method().equals("HEAD");
    if (noBody || headOnly) {
      framing = Framing.NO_BODY;
    } else if (length >= 0) {
      framing = Framing.LENGTH;
      announced = length;
    } else {
      framing = oldProtocol ? Framing.END_OF_CONNECTION : Framing.CHUNKED;
    }
    closeAfter =
        !keepAlive || framing == Framing.END_OF_CONNECTION || !connection.canGoOnAfterAnswer();
    ByteBuf out = connection.output().buffer();
    ResponseHead.status(out, statusCode);
    ResponseHead.headers(out, headers, overriding);
    ResponseHead.headers(out, overriding, NONE);
    ResponseHead.headers(out, adding, NONE);
    if (length >= 0 && !noBody) {
      ResponseHead.contentLength(out, length);
    }
    if (framing == Framing.CHUNKED) {
      ResponseHead.chunked(out);
    }
    if (closeAfter) {
      ResponseHead.close(out);
    } else if (oldProtocol) {
      ResponseHead.keepAlive(out);
    }
    if (!headers.contains("Date")) {
      out.writeBytes(connection.server().date().line());
    }
    ResponseHead.lineEnd(out);
    String version = headers.first(HeaderNames.FDK_VERSION);
    fdkVersion = version == null ? "" : version;
  }

  private void writeData(ByteBuf chunk, int length) {
    ResponseOutput output = connection.output();
    switch (framing) {
      case NO_BODY -> chunk.release();
      case LENGTH, END_OF_CONNECTION -> output.add(chunk);
      case CHUNKED -> {
        ResponseHead.chunkSize(output.buffer(), length);
        output.add(chunk);
        ResponseHead.lineEnd(output.buffer());
      }
    }
  }

  private static boolean isImpossible(int statusCode) {
    return statusCode < 200 || statusCode > 599;
  }

  private static long announcedLength(Headers headers) {
    String text = headers.first(HeaderNames.CONTENT_LENGTH);
    if (text == null || text.isEmpty() || text.length() > 18) {
      return -1;
    }
    long length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      length = length * 10 + (c - '0');
    }
    return length;
  }

  private String observedMethod() {
    return RequestHeads.isKnownMethod(request.method())
        ? request.method()
        : RequestObserver.OTHER_METHOD;
  }

  private void logFailure(FnException visible, Throwable failure) {
    boolean unknown = !(failure instanceof FnException);
    if (!unknown && visible.getCause() == null) {
      return;
    }
    LoggingEventBuilder event = unknown ? LOG.atError() : LOG.atWarn();
    String callId = overriding.first(HeaderNames.CALL_ID);
    if (callId != null) {
      event = event.addKeyValue("call_id", callId);
    }
    event.setCause(failure).log("a request failed with status {}", visible.code());
  }
}
