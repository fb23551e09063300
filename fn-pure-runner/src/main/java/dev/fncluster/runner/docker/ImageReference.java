package dev.fncluster.runner.docker;

/**
 * The name of an image, taken apart as the engine's pull call wants it.
 *
 * @param repository everything before tag or digest
 * @param tag a tag, or a digest such as {@code sha256:...}
 */
record ImageReference(String repository, String tag) {
  /** Takes {@code image} apart; a name without a tag means {@code latest}. */
  static ImageReference parse(String image) {
    int at = image.indexOf('@');
    String name = at < 0 ? image : image.substring(0, at);
    // A colon before the last slash belongs to the port of a registry.
    int colon = name.lastIndexOf(':');
    boolean tagged = colon > name.lastIndexOf('/');
    String repository = tagged ? name.substring(0, colon) : name;
    if (at >= 0) {
      return new ImageReference(repository, image.substring(at + 1));
    }
    return new ImageReference(repository, tagged ? name.substring(colon + 1) : "latest");
  }
}
