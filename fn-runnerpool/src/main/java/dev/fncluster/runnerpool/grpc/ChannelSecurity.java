package dev.fncluster.runnerpool.grpc;

import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;

/** How connections to runners are secured. Thread-safe. */
@FunctionalInterface
public interface ChannelSecurity {
  /** Applies itself to the connections that {@code builder} will make. */
  void applyTo(NettyChannelBuilder builder);

  /** No security: for networks that nobody else is on. */
  static ChannelSecurity plaintext() {
    return NettyChannelBuilder::usePlaintext;
  }

  /**
   * TLS.
   *
   * @param context a client context made with {@code GrpcSslContexts}
   */
  static ChannelSecurity tls(SslContext context) {
    return builder -> builder.negotiationType(NegotiationType.TLS).sslContext(context);
  }

  /**
   * The same, but the certificate of the runner must be for {@code name} and not for the host that
   * is connected to: for runners whose addresses were found by that name.
   */
  default ChannelSecurity expecting(String name) {
    return builder -> {
      applyTo(builder);
      builder.overrideAuthority(name);
    };
  }
}
