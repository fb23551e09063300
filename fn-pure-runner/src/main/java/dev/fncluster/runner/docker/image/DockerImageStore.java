package dev.fncluster.runner.docker.image;

import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Image;
import dev.fncluster.runner.docker.engine.DockerEngine;
import dev.fncluster.runner.docker.engine.EngineApi;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The images of a Docker engine. */
final class DockerImageStore implements ImageStore {
  private static final Logger log = LoggerFactory.getLogger(DockerImageStore.class);

  private final DockerEngine engine;

  DockerImageStore(DockerEngine engine) {
    this.engine = engine;
  }

  @Override
  public List<CachedImage> list() throws InterruptedException {
    return engine.call(EngineApi.LIST_IMAGES, client -> client.listImagesCmd().exec()).stream()
        .map(DockerImageStore::read)
        .toList();
  }

  @Override
  public void remove(String id) throws InterruptedException {
    try {
      InspectImageResponse found =
          engine.call(EngineApi.INSPECT_IMAGE, client -> client.inspectImageCmd(id).exec());
      List<String> names = found.getRepoTags();
      if (names == null || names.size() < 2) {
        removeOne(id);
      } else {
        removeAll(id, names);
      }
    } catch (NotFoundException e) {
      log.atDebug().addKeyValue("image_id", id).log("The image is gone already");
    }
  }

  /**
   * Takes the names of an image away, one after the other: an engine removes none by its id that
   * has several. It guards the last name of one that is in use, but not the others.
   */
  private void removeAll(String id, List<String> names) throws InterruptedException {
    List<Container> users =
        engine.call(
            EngineApi.LIST_CONTAINERS,
            client ->
                client
                    .listContainersCmd()
                    .withShowAll(true)
                    .withAncestorFilter(List.of(id))
                    .exec());
    if (!users.isEmpty()) {
      throw new ConflictException("a container of somebody else uses the image");
    }
    for (String name : names) {
      removeOne(name);
    }
  }

  private void removeOne(String nameOrId) throws InterruptedException {
    engine.call(
        EngineApi.REMOVE_IMAGE,
        client -> {
          client.removeImageCmd(nameOrId).exec();
          return nameOrId;
        });
  }

  private static CachedImage read(Image image) {
    String[] tags = image.getRepoTags();
    Long size = image.getSize();
    return new CachedImage(
        image.getId(), tags == null ? List.of() : List.of(tags), size == null ? 0 : size);
  }
}
