package dev.fncluster.runner.docker.registry;

/**
 * What a registry wants to see. Never logged.
 *
 * @param address of the registry as it was configured; empty when only a token is known
 * @param username empty with a token
 * @param password empty with a token
 * @param identityToken to get access tokens with; empty for none
 * @param registryToken a bearer token; empty for none
 */
public record Credentials(
    String address, String username, String password, String identityToken, String registryToken) {
  /** None: pulls are anonymous. */
  public static final Credentials NONE = new Credentials("", "", "", "", "");

  /** A bearer token that a call has brought along. */
  public static Credentials ofToken(String token) {
    return new Credentials("", "", "", "", token);
  }

  @Override
  public String toString() {
    return equals(NONE) ? "Credentials[none]" : "Credentials[" + address + "]";
  }
}
