package dev.fncluster.runner.docker.image;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.LoadResponseItem;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.runner.docker.engine.DockerEngine;
import dev.fncluster.runner.docker.engine.EngineApi;
import dev.fncluster.runner.docker.registry.Credentials;
import dev.fncluster.runner.docker.registry.ImageReference;
import dev.fncluster.stats.ViewRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The images of an engine. Blocks; thread-safe. */
public final class DockerImages implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DockerImages.class);

  // Tarballs of many images may take minutes on slow disks.
  private static final Duration LOAD_LIMIT = Duration.ofMinutes(30);

  // Names of images that are remembered; one that was forgotten may be removed while it is used,
  // which the engine then refuses.
  private static final long SEEN_NAMES = 10_000;

  private final DockerEngine engine;
  private final ImageSettings settings;
  private final ImagePuller puller;
  private final @Nullable ImageCleaner cleaner;
  private final Cache<String, CachedImage> seen =
      Caffeine.newBuilder().maximumSize(SEEN_NAMES).build();

  /** Tells that a container uses an image, until it is closed. Idempotent. */
  public interface Use extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Images of {@code engine}.
   *
   * @param kept images that are not removed, besides those in the settings
   * @param registry where {@link ImageViews#all()} are registered
   */
  public DockerImages(
      DockerEngine engine, ImageSettings settings, Set<String> kept, ViewRegistry registry) {
    this.engine = engine;
    this.settings = settings;
    this.puller = new ImagePuller(new DockerPull(engine), settings.retry(), engine.meters());
    Set<String> exempt = new HashSet<>(settings.exemptTags());
    kept.forEach(name -> {
      ImageReference reference = ImageReference.parse(name);
      exempt.add(name);
      exempt.add(reference.repository() + ":" + reference.tag());
    });
    this.cleaner =
        settings.cleanAbove() == 0
            ? null
            : new ImageCleaner(
                new DockerImageStore(engine), exempt, settings.cleanAbove(), registry);
  }

  /**
   * Makes sure that {@code image} is there and allowed; returns how long it pulled.
   *
   * @param registryToken what the call has brought along for the registry; null for nothing
   * @throws dev.fncluster.api.error.FnException when it can't be had or must not be used
   */
  public Duration prepare(String image, @Nullable String registryToken, Duration pullTimeout)
      throws InterruptedException {
    if (check(image)) {
      return Duration.ZERO;
    }
    long began = System.nanoTime();
    puller.pull(image, credentials(image, registryToken), pullTimeout);
    if (!check(image)) {
      // Somebody removed it at once; another attempt, here or elsewhere, may do better.
      throw InvocationErrors.serverBusy();
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }

  /** Keeps {@code image}, which was prepared, from being removed. */
  public Use use(String image) {
    CachedImage known = seen.getIfPresent(image);
    if (known == null || cleaner == null) {
      return () -> {};
    }
    ImageCache cache = cleaner.cache();
    cache.markBusy(known);
    AtomicBoolean closed = new AtomicBoolean();
    return () -> {
      if (closed.compareAndSet(false, true)) {
        cache.markFree(known);
      }
    };
  }

  private Credentials credentials(String image, @Nullable String registryToken) {
    return registryToken == null || registryToken.isEmpty()
        ? settings.credentials().of(ImageReference.parse(image).registry())
        : Credentials.ofToken(registryToken);
  }

  /**
   * Loads the images of a tarball.
   *
   * @throws SettingException when the file can't be read, or is none that the engine takes
   */
  public void load(Path file) throws InterruptedException {
    long began = System.nanoTime();
    Throwable failure = null;
    try (InputStream in = Files.newInputStream(file);
        Load load = engine.streaming().loadImageAsyncCmd(in).exec(new Load())) {
      if (!load.awaitCompletion(LOAD_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("the engine took longer than " + LOAD_LIMIT);
      }
      load.check();
    } catch (NoSuchFileException e) {
      failure = e;
      throw new SettingException("FN_DOCKER_LOAD_FILE is \"" + file + "\", where there is no file");
    } catch (IOException | RuntimeException e) {
      failure = e;
      throw new SettingException(
          "FN_DOCKER_LOAD_FILE is \"" + file + "\", which can't be loaded: " + e.getMessage());
    } finally {
      engine.meters().called(EngineApi.LOAD_IMAGES, System.nanoTime() - began, failure);
    }
    log.atInfo().log("Loaded the images of FN_DOCKER_LOAD_FILE");
  }

  // An engine answers 200 whatever the file holds, and says in its answer what went wrong.
  private static final class Load extends ResultCallback.Adapter<LoadResponseItem> {
    private volatile @Nullable String failure;

    @Override
    public void onNext(LoadResponseItem item) {
      var detail = item.getErrorDetail();
      if (detail != null) {
        failure = String.valueOf(detail.getMessage());
      }
    }

    @Override
    public void onError(Throwable cause) {
      failure = String.valueOf(cause.getMessage());
      onComplete();
    }

    void check() throws IOException {
      String text = failure;
      if (text != null) {
        throw new IOException(text);
      }
    }
  }

  private boolean check(String image) throws InterruptedException {
    InspectImageResponse found;
    try {
      found = engine.call(EngineApi.INSPECT_IMAGE, client -> client.inspectImageCmd(image).exec());
    } catch (NotFoundException e) {
      return false;
    }
    List<String> tags = found.getRepoTags();
    Long size = found.getSize();
    CachedImage read =
        new CachedImage(
            String.valueOf(found.getId()),
            tags == null ? List.of() : tags,
            size == null ? 0 : size);
    var config = found.getConfig();
    Map<String, ?> volumes = config == null ? null : config.getVolumes();
    if (cleaner != null) {
      cleaner.cache().update(read);
    }
    if (!settings.allowVolumes() && volumes != null && !volumes.isEmpty()) {
      throw InvocationErrors.imageHasVolume();
    }
    seen.put(image, read);
    return true;
  }

  @Override
  public void close() {
    puller.close();
    if (cleaner != null) {
      cleaner.close();
    }
  }
}
