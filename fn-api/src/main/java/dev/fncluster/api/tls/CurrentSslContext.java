package dev.fncluster.api.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * For those who take a context once and for all: every connection begins with the context that
 * holds at that moment. Thread-safe.
 */
final class CurrentSslContext extends SslContext {
  private static final Logger log = LoggerFactory.getLogger(CurrentSslContext.class);

  private final Supplier<SslContext> supplier;
  // Told once, and not again for every connection, until it works again.
  private final AtomicBoolean failing = new AtomicBoolean();

  CurrentSslContext(Supplier<SslContext> supplier) {
    this.supplier = supplier;
  }

  private SslContext current() {
    try {
      SslContext found = Objects.requireNonNull(supplier.get(), "it returned null");
      if (failing.get() && failing.compareAndSet(true, false)) {
        log.info("There is a context for TLS again");
      }
      return found;
    } catch (Throwable failure) {
      // Of an embedding program, maybe, and made for other classes than there are.
      if (failing.compareAndSet(false, true)) {
        log.atError()
            .addKeyValue("extension", supplier.getClass().getName())
            .setCause(failure)
            .log("There is no context for TLS; connections fail until there is");
      }
      throw new IllegalStateException("no context for TLS", failure);
    }
  }

  @Override
  public boolean isClient() {
    return current().isClient();
  }

  @Override
  public List<String> cipherSuites() {
    return current().cipherSuites();
  }

  @Override
  public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
    return current().applicationProtocolNegotiator();
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator) {
    return current().newEngine(allocator);
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator, String host, int port) {
    return current().newEngine(allocator, host, port);
  }

  @Override
  public SSLSessionContext sessionContext() {
    return current().sessionContext();
  }
}
