package dev.fncluster.api.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import org.junit.jupiter.api.Test;

final class StreamErrorFilterTest {
  private static final String GRPC = "io.grpc.netty.NettyServerHandler";
  private static final Exception STREAM =
      Http2Exception.streamError(
          3, Http2Error.CANCEL, "Stream closed before write could take place");
  private static final Exception CONNECTION =
      Http2Exception.connectionError(Http2Error.PROTOCOL_ERROR, "nonsense");

  private final LoggerContext context = new LoggerContext();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  private Logger logger(String name, Level level) {
    StreamErrorFilter filter = new StreamErrorFilter();
    filter.start();
    context.addTurboFilter(filter);
    log.start();
    Logger logger = context.getLogger(name);
    logger.setLevel(level);
    logger.addAppender(log);
    return logger;
  }

  @Test
  void streamsThatAreCancelledAreNoNews() {
    logger(GRPC, Level.WARN).warn("Stream Error", STREAM);
    assertThat(log.list).isEmpty();
  }

  @Test
  void allElseOfGrpcIs() {
    Logger logger = logger(GRPC, Level.WARN);
    logger.warn("Connection Error", CONNECTION);
    logger.warn("Exception in onHeadersRead()", new IllegalStateException("a defect"));
    logger.warn("words");
    assertThat(log.list).hasSize(3);
  }

  @Test
  void ourOwnStreamErrorsAre() {
    logger("dev.fncluster.api.http.Http2Connection", Level.WARN).warn("Stream Error", STREAM);
    assertThat(log.list).hasSize(1);
  }

  @Test
  void whoLooksForThemFindsThem() {
    logger(GRPC, Level.DEBUG).warn("Stream Error", STREAM);
    assertThat(log.list).hasSize(1);
  }
}
