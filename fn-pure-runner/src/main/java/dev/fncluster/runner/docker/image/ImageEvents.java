package dev.fncluster.runner.docker.image;

import dev.fncluster.runner.docker.engine.EngineEvent;
import java.util.Set;

/** What the engine's events say of images. */
final class ImageEvents {
  private static final String IMAGE = "image";
  private static final String DELETE = "delete";
  // These are told with the image's own id; others, like pulls, with the name that it was given.
  private static final Set<String> OF_IDS = Set.of(DELETE, "untag");

  private ImageEvents() {}

  /** Has {@code known} forget what {@code event} makes doubtful. */
  static void apply(EngineEvent event, KnownImages known) {
    if (!event.type().equals(IMAGE)) {
      return;
    }
    if (OF_IDS.contains(event.action())) {
      known.changed(event.id());
    } else {
      // A name that led to one image may lead to another one now.
      known.changed();
    }
  }

  /** Has {@code cache} forget what {@code event} says has gone. */
  static void apply(EngineEvent event, ImageCache cache) {
    if (event.type().equals(IMAGE) && event.action().equals(DELETE)) {
      cache.forget(event.id());
    }
  }
}
