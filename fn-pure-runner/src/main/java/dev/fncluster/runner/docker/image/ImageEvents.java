package dev.fncluster.runner.docker.image;

import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.EventType;
import java.util.Set;

/** What the engine's events say of images. */
final class ImageEvents {
  // These are told with the image's own id; others, like pulls, with the name that it was given.
  private static final Set<String> OF_IDS = Set.of("delete", "untag");

  private ImageEvents() {}

  /** Has {@code known} forget what {@code event} makes doubtful. */
  static void apply(Event event, KnownImages known) {
    if (event.getType() != EventType.IMAGE) {
      return;
    }
    var actor = event.getActor();
    String id = actor == null ? null : actor.getId();
    if (id != null && OF_IDS.contains(String.valueOf(event.getAction()))) {
      known.changed(id);
    } else {
      // A name that led to one image may lead to another one now.
      known.changed();
    }
  }
}
