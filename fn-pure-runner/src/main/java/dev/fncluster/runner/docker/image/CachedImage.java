package dev.fncluster.runner.docker.image;

import java.util.List;

/**
 * An image of the engine.
 *
 * @param id the engine's own
 * @param repoTags names with tags; none for an image that lost its name
 * @param size bytes, layers that others share included
 */
record CachedImage(String id, List<String> repoTags, long size) {
  CachedImage {
    repoTags = List.copyOf(repoTags);
  }
}
