package dev.fncluster.runner.docker.registry;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** Host names of registries. Stateless. */
final class RegistryHosts {
  private RegistryHosts() {}

  /** The host, with its port if there is one, of an address with or without a scheme. */
  static String host(String address) {
    if (address.contains("://")) {
      String authority = URI.create(address).getRawAuthority();
      return authority == null ? "" : authority;
    }
    int slash = address.indexOf('/');
    return slash < 0 ? address : address.substring(0, slash);
  }

  /** {@code host} and its parent domains, down to two labels; the port stays with each. */
  static List<String> withParents(String host) {
    List<String> all = new ArrayList<>();
    all.add(host);
    String rest = host;
    while (rest.indexOf('.') != rest.lastIndexOf('.')) {
      rest = rest.substring(rest.indexOf('.') + 1);
      all.add(rest);
    }
    return all;
  }
}
