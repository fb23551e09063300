package dev.fncluster.runner.docker.image;

import com.github.dockerjava.api.exception.NotFoundException;
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
      engine.call(
          EngineApi.REMOVE_IMAGE,
          client -> {
            client.removeImageCmd(id).exec();
            return id;
          });
    } catch (NotFoundException e) {
      log.atDebug().addKeyValue("image_id", id).log("The image is gone already");
    }
  }

  private static CachedImage read(Image image) {
    String[] tags = image.getRepoTags();
    Long size = image.getSize();
    return new CachedImage(
        image.getId(), tags == null ? List.of() : List.of(tags), size == null ? 0 : size);
  }
}
