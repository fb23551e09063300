package dev.fncluster.api.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import io.netty.handler.codec.http2.Http2Exception;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/**
 * Keeps quiet what gRPC warns about, with a stack trace, whenever the other end cancels a stream
 * that still has something to send: a client has left in the middle of an answer, which the call
 * itself accounts for. Where gRPC may log at {@code DEBUG} it is let through, as is the end of a
 * whole connection.
 */
final class StreamErrorFilter extends TurboFilter {
  private static final String GRPC = "io.grpc.netty.";

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] params,
      @Nullable Throwable failure) {
    return failure instanceof Http2Exception error
            && Http2Exception.isStreamError(error)
            && logger.getName().startsWith(GRPC)
            && logger.getEffectiveLevel().isGreaterOrEqual(Level.INFO)
        ? FilterReply.DENY
        : FilterReply.NEUTRAL;
  }
}
