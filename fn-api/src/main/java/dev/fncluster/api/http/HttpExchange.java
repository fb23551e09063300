package dev.fncluster.api.http;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.model.Call;
import io.netty.channel.EventLoop;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. Confined to the event loop of the client's connection, except where a
 * method says otherwise.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface HttpExchange {
  /** The request's head. */
  HttpRequestHead request();

  /**
   * Puts another head in the place of the request's, for those who handle it from now on. Its
   * method and path are looked at no more.
   */
  void replaceRequest(HttpRequestHead head);

  /** The request's body, not read yet. */
  RequestBody body();

  /** Ends when the client goes away. */
  CallContext context();

  /** The one thread of this exchange. */
  EventLoop eventLoop();

  /**
   * Streams an answer. Headers that belong to one connection are added by the server; {@code
   * Content-Length} is used when the head has it, otherwise the body is chunked.
   */
  ResponseSink response();

  /**
   * Ends the answer that was streamed through {@link #response()}.
   *
   * <p>A failure before the head becomes an error answer of the right status. One after it resets
   * the connection, so that the client can't take a cut body for a whole one. Any thread.
   *
   * @param failure null for success
   */
  void complete(@Nullable Throwable failure);

  /** Answers as a whole; nothing may have been streamed. Any thread. */
  void respond(HttpResponse response);

  /**
   * A header for whatever answer this exchange gets, error answers too, such as the call id. Must
   * be set before the head.
   */
  void setResponseHeader(String name, String value);

  /** Says which call the request is, for logs. */
  void isCall(Call call);

  /** Says who is to blame in the metrics of a request that succeeded; the service by default. */
  void blameUser();
}
