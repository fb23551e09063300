package dev.fncluster.api.invoke;

import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;

/**
 * Confined to the event loop of its call. Turns the answer of a function into the one that its
 * trigger's client sees.
 *
 * <pre>
 *   Fn-Http-Status: 418      ──▶  status 418
 *   Fn-Http-H-Zed: 1         ──▶  Zed: 1
 *   Content-Type: text/x     ──▶  Content-Type: text/x, unless there is a Fn-Http-H-Content-Type
 *   Content-Length: 5        ──▶  how the body is framed
 *   X-Raw: 1                 ──▶  nothing
 * </pre>
 */
final class TriggerResponse implements ResponseSink {
  private static final int FIRST_ERROR = 400;
  private static final int MIN_STATUS = 200;
  private static final int MAX_STATUS = 599;
  private static final String OWN_CONTENT_TYPE =
      HeaderNames.HTTP_HEADER_PREFIX + HeaderNames.CONTENT_TYPE;

  private final ResponseSink client;
  private boolean invalid;

  TriggerResponse(ResponseSink client) {
    this.client = client;
  }

  /** Whether the function asked for a status that no answer can have. */
  boolean isInvalid() {
    return invalid;
  }

  @Override
  public void head(int serviceStatus, Headers headers) {
    if (isHeadWritten()) {
      return;
    }
    int status = serviceStatus >= FIRST_ERROR ? serviceStatus : requestedStatus(headers);
    if (status < MIN_STATUS || status > MAX_STATUS) {
      invalid = true;
      return;
    }
    client.head(status, decode(headers));
  }

  @Override
  public boolean isHeadWritten() {
    return invalid || client.isHeadWritten();
  }

  @Override
  public void data(ByteBuf chunk) {
    if (invalid) {
      chunk.release();
    } else {
      client.data(chunk);
    }
  }

  @Override
  public boolean isWritable() {
    return invalid || client.isWritable();
  }

  @Override
  public void onWritable(Runnable listener) {
    client.onWritable(listener);
  }

  private static Headers decode(Headers headers) {
    Headers decoded = new Headers(headers.size());
    boolean ownContentType = headers.contains(OWN_CONTENT_TYPE);
    int prefix = HeaderNames.HTTP_HEADER_PREFIX.length();
    for (int i = 0; i < headers.size(); i++) {
      String name = headers.name(i);
      if (name.startsWith(HeaderNames.HTTP_HEADER_PREFIX)) {
        String bare = name.substring(prefix);
        if (!bare.isEmpty() && !bare.equals(HeaderNames.CONTENT_LENGTH)) {
          decoded.add(bare, headers.value(i));
        }
      } else if (name.equals(HeaderNames.CONTENT_TYPE) ? !ownContentType : isFraming(name)) {
        decoded.add(name, headers.value(i));
      }
    }
    return decoded;
  }

  // The body passes unchanged, so its length holds.
  private static boolean isFraming(String name) {
    return name.equals(HeaderNames.CONTENT_LENGTH);
  }

  private static int requestedStatus(Headers headers) {
    String text = headers.first(HeaderNames.HTTP_STATUS);
    if (text == null) {
      return MIN_STATUS;
    }
    try {
      int status = Integer.parseInt(text.strip());
      return status > 0 ? status : MIN_STATUS;
    } catch (NumberFormatException e) {
      return MIN_STATUS;
    }
  }
}
