package dev.fncluster.api.http;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.LogIds;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.error.Blame;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Confined to the event loop of its client, except where {@link HttpExchange} says otherwise. One
 * request and the writing of its answer.
 */
final class ServerExchange implements HttpExchange, ResponseSink {
  private static final Logger LOG = LoggerFactory.getLogger(ServerExchange.class);
  private static final Headers NONE = new Headers(0);
  private static final int CLIENT_GONE = 444;

  private final AnswerWriter writer;
  private final RequestBody body;
  private final CallContext context = CallContext.create();
  private final @Nullable InetAddress client;

  private HttpRequestHead request;
  private Headers overriding = NONE;
  private Headers adding = NONE;
  private @Nullable Runnable writableListener;
  private @Nullable String observedRoute;
  private long startNanos;
  private @Nullable Call call;
  private boolean blameUser;
  private boolean clientGone;

  private boolean headWritten;
  private boolean done;
  private int status;
  private String fdkVersion = "";
  private boolean bodiless;
  private long announced = -1;
  private long sent;
  private @Nullable String broken;

  /** An exchange that has just begun. */
  ServerExchange(AnswerWriter writer, HttpRequestHead request, RequestBody body) {
    this.writer = writer;
    this.request = request;
    this.client = request.client();
    this.body = body;
  }

  @Override
  public HttpRequestHead request() {
    return request;
  }

  @Override
  public void replaceRequest(HttpRequestHead head) {
    request = Objects.requireNonNull(head, "head");
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
    return writer.eventLoop();
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
  public void isCall(Call value) {
    call = value;
  }

  @Override
  public void blameUser() {
    blameUser = true;
  }

  /** Has the end of this exchange observed, as one of {@code route}. */
  void observe(String route) {
    observedRoute = route;
    startNanos = System.nanoTime();
    writer.server().observer().started(observedMethod(), route);
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
    writer.flushLater();
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
    if (bodiless) {
      chunk.release();
    } else {
      writer.data(chunk);
    }
    writer.flushLater();
  }

  @Override
  public boolean isWritable() {
    return writer.isWritable();
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
      writer.abort();
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
    // On the thread of whoever forgot it, and not later on the loop, where nobody would answer.
    Objects.requireNonNull(response, "response");
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
    if (!bodiless && bytes.length > 0) {
      writer.data(Unpooled.wrappedBuffer(bytes));
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
    finish(status, blameUser ? Blame.USER : Blame.SERVICE);
    writer.end();
  }

  private void fail(Throwable failure) {
    FnException visible = ErrorResponses.visible(failure);
    logFailure(visible, failure);
    if (headWritten) {
      finish(status, visible.blame());
      writer.reset();
      return;
    }
    if (visible.code() == CLIENT_GONE) {
      finish(CLIENT_GONE, Blame.SERVICE);
      writer.abort();
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
      writer
          .server()
          .observer()
          .finished(
              new RequestEnd(
                  observedMethod(),
                  route,
                  finalStatus,
                  blame,
                  fdkVersion,
                  call,
                  client,
                  System.nanoTime() - startNanos));
    }
  }

  private void writeHead(int statusCode, Headers headers, long length) {
    headWritten = true;
    status = statusCode;
    bodiless = !ResponseHead.mayHaveLength(statusCode) || request.method().equals("HEAD");
    announced = bodiless ? -1 : length;
    writer.head(statusCode, headers, overriding, adding, length, bodiless);
    String version = headers.first(HeaderNames.FDK_VERSION);
    fdkVersion = version == null ? "" : version;
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
    Call about = call;
    if (about != null) {
      event = LogIds.on(event, about);
    }
    event.setCause(failure).log("a request failed with status {}", visible.code());
  }
}
