package dev.fncluster.runner.docker.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which credentials to show to which registry, from a file of the Docker client. Immutable.
 *
 * <p>An entry also holds for the parent domains of its host, so that {@code
 * https://index.docker.io} serves {@code docker.io}; an entry of that very host goes first.
 */
public final class RegistryCredentials {
  /** Knows of no registry. */
  public static final RegistryCredentials NONE = new RegistryCredentials(Map.of());

  // Where images without a registry in their names come from.
  private static final List<String> DEFAULT_REGISTRIES =
      List.of("hub.docker.com", "index.docker.io");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Credentials> byHost;

  private RegistryCredentials(Map<String, Credentials> byHost) {
    this.byHost = Map.copyOf(byHost);
  }

  /**
   * Reads a configuration: {@code {"auths": {address: entry}}}, or the inner object alone. Entries
   * without {@code auth} and tokens are left out.
   *
   * @throws IllegalArgumentException when it is none; the message repeats nothing of it
   */
  public static RegistryCredentials parse(String json) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      // Its own message would quote what may be a secret.
      throw new IllegalArgumentException("no JSON at line " + e.getLocation().getLineNr());
    }
    if (root == null || !root.isObject()) {
      throw new IllegalArgumentException("no JSON object");
    }
    JsonNode auths = root.path("auths").isObject() ? root.path("auths") : root;
    Map<String, Credentials> exact = new HashMap<>();
    Map<String, Credentials> all = new HashMap<>();
    for (Map.Entry<String, JsonNode> each : auths.properties()) {
      if (!each.getValue().isObject()) {
        continue;
      }
      Credentials credentials = entry(each.getKey(), each.getValue());
      if (credentials.equals(Credentials.NONE)) {
        continue;
      }
      String host = RegistryHosts.host(each.getKey());
      exact.put(host, credentials);
      RegistryHosts.withParents(host).forEach(name -> all.putIfAbsent(name, credentials));
    }
    all.putAll(exact);
    return new RegistryCredentials(all);
  }

  private static Credentials entry(String address, JsonNode entry) {
    String identityToken = entry.path("identitytoken").asText("");
    String registryToken = entry.path("registrytoken").asText("");
    if (!identityToken.isEmpty() || !registryToken.isEmpty()) {
      return new Credentials(address, user(address, entry), "", identityToken, registryToken);
    }
    String auth = entry.path("auth").asText("");
    if (auth.isEmpty()) {
      return Credentials.NONE;
    }
    String decoded = decode(address, auth);
    int colon = decoded.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException(
          "the auth of " + address + " is not user:password in base 64");
    }
    return new Credentials(
        address, decoded.substring(0, colon), decoded.substring(colon + 1), "", "");
  }

  private static String user(String address, JsonNode entry) {
    String auth = entry.path("auth").asText("");
    String decoded = auth.isEmpty() ? "" : decode(address, auth);
    int colon = decoded.indexOf(':');
    return colon < 0 ? decoded : decoded.substring(0, colon);
  }

  private static String decode(String address, String auth) {
    try {
      // Some tools pad with NUL.
      return new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8).replace("\0", "");
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the auth of " + address + " is not base 64");
    }
  }

  /**
   * What to show to a registry.
   *
   * @param registry its host with its port; empty for the engine's default
   * @return {@link Credentials#NONE} for one that is not known
   */
  public Credentials of(String registry) {
    if (!registry.isEmpty()) {
      return byHost.getOrDefault(registry, Credentials.NONE);
    }
    return DEFAULT_REGISTRIES.stream()
        .map(byHost::get)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(Credentials.NONE);
  }

  /** How many hosts are known. */
  public int size() {
    return byHost.size();
  }
}
