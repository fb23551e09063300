package dev.fncluster.api.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What gives contexts for TLS, and misbehaves. */
final class CurrentSslContextTest {
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(CurrentSslContext.class);

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void leave() {
    logger.detachAppender(lines);
  }

  @Test
  @SuppressWarnings("NullAway") // What a program compiled without checks may do.
  void whatThrowsOrReturnsNullFailsConnectionsUntilItWorksAgain() throws Exception {
    SslContext good = SslContextBuilder.forClient().build();
    AtomicReference<Supplier<SslContext>> now = new AtomicReference<>(() -> good);
    Supplier<SslContext> supplier = () -> now.get().get();
    SslContext context = TlsContexts.following(supplier);
    assertThat(context.newEngine(ByteBufAllocator.DEFAULT)).isNotNull();
    now.set(() -> {
      throw new NoSuchMethodError("other version");
    });
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> context.newEngine(ByteBufAllocator.DEFAULT))
          .isInstanceOf(IllegalStateException.class);
    }
    now.set(() -> null);
    assertThatThrownBy(() -> context.newEngine(ByteBufAllocator.DEFAULT, "host", 1))
        .isInstanceOf(IllegalStateException.class);
    assertThat(lines.list).as("told once").hasSize(1);
    assertThat(lines.list.getFirst().getKeyValuePairs().toString())
        .contains(supplier.getClass().getName());
    now.set(() -> good);
    assertThat(context.newEngine(ByteBufAllocator.DEFAULT)).isNotNull();
    now.set(() -> null);
    assertThatThrownBy(() -> context.newEngine(ByteBufAllocator.DEFAULT))
        .isInstanceOf(IllegalStateException.class);
    assertThat(lines.list).as("told again").hasSizeGreaterThanOrEqualTo(2);
  }
}
