package dev.fncluster.api.http;

import dev.fncluster.api.model.Headers;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The proxies whose word is taken for what a client asked for: by which scheme, of which host, and
 * from where. Immutable.
 *
 * <p>Each proxy adds to the right of what it was sent, and clients may send anything. So the
 * addresses are gone through from the right for as long as they are of trusted proxies; the first
 * one that is not is the client's, and what stands left of it is nobody's word. What is malformed
 * is as good as absent.
 */
public final class TrustedProxies {
  static final Setting<List<String>> PROXIES =
      Setting.list(
              "FN_TRUSTED_PROXIES",
              ",",
              "Addresses of proxies, as 10.0.0.0/8,fd00::/8,192.0.2.7, whose headers tell the scheme,"
                  + " host and address that a client used; none for not looking at such headers.")
          .checked(TrustedProxies::networks);
  static final Setting<String> HEADERS =
      Setting.oneOf(
          "FN_TRUSTED_PROXY_HEADERS",
          "x-forwarded",
          List.of("x-forwarded", "forwarded"),
          "Which headers those proxies write: X-Forwarded-For, -Proto and -Host, or Forwarded (RFC"
              + " 7239). The others are not looked at, as proxies pass on what clients write there.");

  private static final int MAX_LENGTH = 8 * 1024;

  private final List<Network> networks;
  private final boolean standard;

  /** What a client asked for, where its proxies say so. */
  record Origin(InetAddress client, @Nullable String scheme, @Nullable String host) {}

  private TrustedProxies(List<Network> networks, boolean standard) {
    this.networks = networks;
    this.standard = standard;
  }

  /** All settings, for documentation. */
  public static List<Setting<?>> all() {
    return List.of(PROXIES, HEADERS);
  }

  /**
   * Reads the settings; empty for trusting nobody.
   *
   * @throws SettingException when one is wrong
   */
  public static Optional<TrustedProxies> from(Settings settings) {
    List<Network> networks = networks(settings.get(PROXIES));
    boolean standard = settings.get(HEADERS).equals("forwarded");
    return networks.isEmpty()
        ? Optional.empty()
        : Optional.of(new TrustedProxies(networks, standard));
  }

  private static List<Network> networks(List<String> proxies) {
    List<Network> networks = new ArrayList<>();
    for (String text : proxies) {
      networks.add(
          Network.parse(text)
              .orElseThrow(() ->
                  new SettingException(
                      PROXIES.name()
                          + " has \""
                          + text
                          + "\"; expected addresses such as 10.0.0.0/8, fd00::/8 or 192.0.2.7")));
    }
    return List.copyOf(networks);
  }

  /** The request as its client sent it, as far as proxies are to be believed. */
  HttpRequestHead seenThrough(HttpRequestHead head) {
    InetAddress peer = head.client();
    if (peer == null || !trusts(peer)) {
      return head;
    }
    Origin origin = standard ? standard(head.headers(), peer) : customary(head.headers(), peer);
    return origin == null ? head : head.from(origin.client(), origin.scheme(), origin.host());
  }

  private boolean trusts(InetAddress address) {
    for (Network each : networks) {
      if (each.contains(address)) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Origin standard(Headers headers, InetAddress peer) {
    String text = joined(headers, "Forwarded");
    List<ForwardedElement> elements = text.isEmpty() ? null : ForwardedElement.parse(text);
    if (elements == null) {
      return null;
    }
    Hop hop = hop(elements.stream().map(ForwardedElement::from).toList(), peer);
    ForwardedElement element = elements.get(hop.index());
    return new Origin(hop.client(), scheme(element.proto()), host(element.host()));
  }

  private Origin customary(Headers headers, InetAddress peer) {
    List<String> from = items(joined(headers, "X-Forwarded-For"));
    Hop hop = hop(from, peer);
    return new Origin(
        hop.client(),
        scheme(at(hop, from.size(), items(joined(headers, "X-Forwarded-Proto")))),
        host(at(hop, from.size(), items(joined(headers, "X-Forwarded-Host")))));
  }

  // Proxies that add to all of the lists make them equally long. Otherwise the last word counts: it
  // is of the proxy next to us.
  private static String at(Hop hop, int addresses, List<String> values) {
    if (values.isEmpty()) {
      return "";
    }
    return values.size() == addresses ? values.get(hop.index()) : values.getLast();
  }

  /** Who is the client, and which item of the list says so; -1 for none. */
  private record Hop(InetAddress client, int index) {}

  private Hop hop(List<String> addresses, InetAddress peer) {
    InetAddress client = peer;
    int index = addresses.size();
    while (index > 0 && trusts(client)) {
      index--;
      InetAddress next = Network.address(addresses.get(index));
      if (next == null) {
        return new Hop(client, index);
      }
      client = next;
    }
    return new Hop(client, addresses.isEmpty() ? -1 : index);
  }

  private static String joined(Headers headers, String name) {
    List<String> values = headers.all(name);
    String text = values.size() == 1 ? values.getFirst() : String.join(",", values);
    return text.length() > MAX_LENGTH ? "" : text;
  }

  private static List<String> items(String text) {
    if (text.isBlank()) {
      return List.of();
    }
    List<String> items = new ArrayList<>();
    for (String item : text.split(",", -1)) {
      items.add(item.strip());
    }
    return items;
  }

  private static @Nullable String scheme(String text) {
    String scheme = text.toLowerCase(Locale.ROOT);
    return scheme.equals("http") || scheme.equals("https") ? scheme : null;
  }

  private static @Nullable String host(String text) {
    return !text.isEmpty() && text.length() <= 255 && RequestTarget.isAuthority(text) ? text : null;
  }
}
