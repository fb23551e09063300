package dev.fncluster.runner.docker.registry;

/**
 * The name of an image, taken apart.
 *
 * @param registry the host, with a port if there is one; empty for the engine's default
 * @param path the name within the registry
 * @param tag a tag, or a digest such as {@code sha256:...}
 */
public record ImageReference(String registry, String path, String tag) {
  /** Takes {@code image} apart; a name without a tag means {@code latest}. */
  public static ImageReference parse(String image) {
    int at = image.indexOf('@');
    String name = at < 0 ? image : image.substring(0, at);
    // A colon before the last slash belongs to the port of a registry.
    int colon = name.lastIndexOf(':');
    boolean tagged = colon > name.lastIndexOf('/');
    String untagged = tagged ? name.substring(0, colon) : name;
    String tag = "latest";
    if (at >= 0) {
      tag = image.substring(at + 1);
    } else if (tagged) {
      tag = name.substring(colon + 1);
    }
    int slash = untagged.indexOf('/');
    String first = slash < 0 ? "" : untagged.substring(0, slash);
    if (isHost(first)) {
      return new ImageReference(first, untagged.substring(slash + 1), tag);
    }
    return new ImageReference("", slash < 0 ? "library/" + untagged : untagged, tag);
  }

  /** Registry and path, as the engine's pull call wants them. */
  public String repository() {
    return registry.isEmpty() ? path : registry + "/" + path;
  }

  private static boolean isHost(String part) {
    return part.contains(".") || part.contains(":") || part.equals("localhost");
  }
}
