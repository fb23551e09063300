package dev.fncluster.runnerpool.dns;

import dev.fncluster.api.loop.EventLoops;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AddressedEnvelope;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Asks name servers, one after the other until one answers. Its methods block for a bounded time:
 * not on event loops. Thread-safe.
 */
final class DnsClient implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final DnsNameResolver resolver;
  private final List<InetSocketAddress> servers;

  /** Reads the content of a record. */
  @FunctionalInterface
  private interface Reader<T> {
    T read(ByteBuf content) throws IOException;
  }

  /**
   * A client.
   *
   * @param servers none for those of the system
   */
  DnsClient(EventLoops loops, List<InetSocketAddress> servers) {
    resolver =
        new DnsNameResolverBuilder(loops.loops().getFirst())
            .datagramChannelType(loops.datagramChannelType())
            // For answers that don't fit into a datagram.
            .socketChannelType(loops.channelType())
            .queryTimeoutMillis(TIMEOUT.toMillis())
            .build();
    this.servers = List.copyOf(servers);
  }

  /**
   * The addresses of a name: IPv4, or IPv6 where there is no IPv4, so that no runner is there
   * twice.
   *
   * @throws IOException when no server gives an answer
   */
  DnsAnswer<String> addresses(String name) throws IOException, InterruptedException {
    DnsAnswer<String> four = ask(name, DnsRecordType.A, DnsClient::address);
    return four.records().isEmpty() ? ask(name, DnsRecordType.AAAA, DnsClient::address) : four;
  }

  /**
   * The service records of a name, whatever their priorities and weights.
   *
   * @throws IOException when no server gives an answer
   */
  DnsAnswer<SrvTarget> services(String name) throws IOException, InterruptedException {
    return ask(name, DnsRecordType.SRV, DnsClient::service);
  }

  private <T> DnsAnswer<T> ask(String name, DnsRecordType type, Reader<T> reader)
      throws IOException, InterruptedException {
    IOException first = null;
    for (InetSocketAddress server : serversFor(name)) {
      try {
        return ask(server, name, type, reader);
      } catch (IOException e) {
        if (first == null) {
          first = e;
        }
      }
    }
    throw first == null ? new IOException("there is no name server") : first;
  }

  private List<InetSocketAddress> serversFor(String name) {
    if (!servers.isEmpty()) {
      return servers;
    }
    DnsServerAddressStream stream =
        DnsServerAddressStreamProviders.platformDefault().nameServerAddressStream(name);
    List<InetSocketAddress> all = new ArrayList<>();
    for (int i = 0; i < stream.size(); i++) {
      all.add(stream.next());
    }
    return all;
  }

  private <T> DnsAnswer<T> ask(
      InetSocketAddress server, String name, DnsRecordType type, Reader<T> reader)
      throws IOException, InterruptedException {
    Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> query =
        resolver.query(server, new DefaultDnsQuestion(name, type));
    if (!query.await(2 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
      query.cancel(false);
      throw new IOException("no answer from " + server);
    }
    if (!query.isSuccess()) {
      throw new IOException(
          "no answer from " + server + ": " + query.cause().getMessage(), query.cause());
    }
    AddressedEnvelope<DnsResponse, InetSocketAddress> envelope = query.getNow();
    try {
      return read(envelope.content(), type, reader);
    } finally {
      envelope.release();
    }
  }

  private static <T> DnsAnswer<T> read(DnsResponse response, DnsRecordType type, Reader<T> reader)
      throws IOException {
    DnsResponseCode code = response.code();
    if (!code.equals(DnsResponseCode.NOERROR) && !code.equals(DnsResponseCode.NXDOMAIN)) {
      throw new IOException("the name server says " + code);
    }
    List<T> records = new ArrayList<>();
    long seconds = Long.MAX_VALUE;
    for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
      DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
      seconds = Math.min(seconds, record.timeToLive());
      if (record.type().equals(type) && record instanceof DnsRawRecord raw) {
        records.add(reader.read(raw.content().duplicate()));
      }
    }
    return new DnsAnswer<>(
        records, records.isEmpty() ? Duration.ZERO : Duration.ofSeconds(seconds));
  }

  private static String address(ByteBuf content) throws IOException {
    byte[] bytes = new byte[content.readableBytes()];
    content.readBytes(bytes);
    return NetUtil.toAddressString(InetAddress.getByAddress(bytes));
  }

  private static SrvTarget service(ByteBuf content) throws IOException {
    if (content.readableBytes() < 7) {
      throw new IOException("the name server sent a service record that is cut");
    }
    // Priority and weight.
    content.skipBytes(4);
    int port = content.readUnsignedShort();
    String name = DefaultDnsRecordDecoder.decodeName(content);
    return new SrvTarget(name.endsWith(".") ? name.substring(0, name.length() - 1) : name, port);
  }

  @Override
  public void close() {
    resolver.close();
  }
}
