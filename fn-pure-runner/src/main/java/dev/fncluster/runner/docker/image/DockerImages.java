package dev.fncluster.runner.docker.image;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.LoadResponseItem;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.runner.docker.engine.DockerEngine;
import dev.fncluster.runner.docker.engine.EngineApi;
import dev.fncluster.runner.docker.engine.EngineEvent;
import dev.fncluster.runner.docker.registry.Credentials;
import dev.fncluster.runner.docker.registry.ImageReference;
import dev.fncluster.runner.driver.PreparedImage;
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
import java.util.Optional;
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

  private final DockerEngine engine;
  private final ImageSettings settings;
  private final ImagePuller puller;
  private final @Nullable ImageCleaner cleaner;
  private final KnownImages known = new KnownImages(System::nanoTime);

  /** Tells that a container uses an image, until it is closed. Idempotent; never blocks. */
  public interface Use extends AutoCloseable {
    @Override
    void close();
  }

  private record Prepared(Duration pulled, Use use) implements PreparedImage {
    @Override
    public void close() {
      use.close();
    }
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
   * Makes sure that {@code image} is there and allowed, and keeps it from being removed until what
   * is returned is closed. Asks the engine only if that has not been done a moment ago.
   *
   * @param registryToken what the call has brought along for the registry; null for nothing
   * @throws dev.fncluster.api.error.FnException when it can't be had or must not be used
   */
  public PreparedImage prepare(String image, @Nullable String registryToken, Duration pullTimeout)
      throws InterruptedException {
    if (image.isEmpty()) {
      // Not an image that has gone: no other runner could do better.
      throw InvocationErrors.internal(new IllegalArgumentException("the call names no image"));
    }
    Optional<Use> there = check(image);
    if (there.isPresent()) {
      return new Prepared(Duration.ZERO, there.get());
    }
    long began = System.nanoTime();
    puller.pull(image, credentials(image, registryToken), pullTimeout);
    // If somebody removed it at once, another attempt, here or elsewhere, may do better.
    Use pulled = check(image).orElseThrow(InvocationErrors::serverBusy);
    return new Prepared(Duration.ofNanos(System.nanoTime() - began), pulled);
  }

  /** Keeps {@code image}, which was prepared, from being removed. */
  public Use use(String image) {
    CachedImage seen = known.last(image);
    return seen == null ? () -> {} : use(seen);
  }

  private Use use(CachedImage image) {
    if (cleaner == null) {
      return () -> {};
    }
    ImageCache cache = cleaner.cache();
    cache.markBusy(image);
    AtomicBoolean closed = new AtomicBoolean();
    return () -> {
      if (closed.compareAndSet(false, true)) {
        cache.markFree(image);
      }
    };
  }

  /** The engine says that it does not have {@code image}, which was prepared. */
  public void gone(String image) {
    known.changedName(image);
  }

  /** The engine tells of something. Never blocks. */
  public void event(EngineEvent event) {
    ImageEvents.apply(event, known);
    if (cleaner != null) {
      ImageEvents.apply(event, cleaner.cache());
    }
  }

  /** Anything may have happened to any image. Never blocks. */
  public void changed() {
    known.changed();
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

  /** Empty when the engine does not have it. */
  private Optional<Use> check(String image) throws InterruptedException {
    Optional<CachedImage> fresh = known.fresh(image);
    if (fresh.isPresent()) {
      return fresh.map(this::use);
    }
    long moment = known.moment();
    InspectImageResponse found;
    try {
      found = engine.call(EngineApi.INSPECT_IMAGE, client -> client.inspectImageCmd(image).exec());
    } catch (NotFoundException e) {
      return Optional.empty();
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
    if (!settings.allowVolumes() && volumes != null && !volumes.isEmpty()) {
      if (cleaner != null) {
        cleaner.cache().update(read);
      }
      throw InvocationErrors.imageHasVolume();
    }
    Use use = use(read);
    known.put(image, read, moment);
    return Optional.of(use);
  }

  @Override
  public void close() {
    puller.close();
    if (cleaner != null) {
      cleaner.close();
    }
  }
}
