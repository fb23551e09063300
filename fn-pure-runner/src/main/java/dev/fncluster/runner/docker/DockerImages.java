package dev.fncluster.runner.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.PullResponseItem;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The images of an engine. Blocks; thread-safe. */
final class DockerImages {
  private static final Logger log = LoggerFactory.getLogger(DockerImages.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DockerEngine engine;
  private final boolean allowVolumes;
  private final Map<String, CompletableFuture<Void>> pulls = new ConcurrentHashMap<>();

  DockerImages(DockerEngine engine, boolean allowVolumes) {
    this.engine = engine;
    this.allowVolumes = allowVolumes;
  }

  /** Makes sure that {@code image} is there and allowed; returns how long it pulled. */
  Duration prepare(String image, Duration pullTimeout) throws InterruptedException {
    if (check(image)) {
      return Duration.ZERO;
    }
    long began = System.nanoTime();
    pullOnce(image, pullTimeout);
    if (!check(image)) {
      // Somebody removed it at once; another attempt, here or elsewhere, may do better.
      throw InvocationErrors.serverBusy();
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }

  /** Loads the images of a tarball. */
  void load(Path file) throws InterruptedException, IOException {
    try (InputStream in = Files.newInputStream(file)) {
      engine.streaming().loadImageCmd(in).exec();
    }
    log.atInfo().log("Loaded the images of FN_DOCKER_LOAD_FILE");
  }

  private boolean check(String image) throws InterruptedException {
    InspectImageResponse found;
    try {
      found = engine.call(client -> client.inspectImageCmd(image).exec());
    } catch (NotFoundException e) {
      return false;
    }
    var config = found.getConfig();
    if (!allowVolumes && config != null) {
      Map<String, ?> volumes = config.getVolumes();
      if (volumes != null && !volumes.isEmpty()) {
        throw InvocationErrors.imageHasVolume();
      }
    }
    return true;
  }

  /** Calls that need the same image at the same time share one pull. */
  private void pullOnce(String image, Duration timeout) throws InterruptedException {
    CompletableFuture<Void> mine = new CompletableFuture<>();
    CompletableFuture<Void> other = pulls.putIfAbsent(image, mine);
    if (other != null) {
      await(other, timeout);
      return;
    }
    try {
      pull(image, timeout);
      mine.complete(null);
    } catch (RuntimeException | InterruptedException e) {
      mine.completeExceptionally(e instanceof FnException ? e : InvocationErrors.internal(e));
      throw e;
    } finally {
      pulls.remove(image, mine);
    }
  }

  private static void await(CompletableFuture<Void> pull, Duration timeout)
      throws InterruptedException {
    try {
      pull.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw InvocationErrors.imagePullTimeout();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof FnException known
          ? known
          : InvocationErrors.internal(e.getCause());
    }
  }

  private void pull(String image, Duration timeout) throws InterruptedException {
    ImageReference reference = ImageReference.parse(image);
    try (Pull pull =
        engine
            .streaming()
            .pullImageCmd(reference.repository())
            .withTag(reference.tag())
            .exec(new Pull())) {
      if (!pull.awaitCompletion(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw InvocationErrors.imagePullTimeout();
      }
      Throwable failure = pull.failure;
      if (failure instanceof DockerException refused) {
        throw InvocationErrors.imagePullFailed(refused.getHttpStatus(), image, message(refused));
      }
      if (failure != null) {
        throw InvocationErrors.imagePullFailed(502, image, String.valueOf(failure.getMessage()));
      }
      String error = pull.error;
      if (error != null) {
        throw InvocationErrors.imagePullFailed(502, image, error);
      }
    } catch (IOException e) {
      throw new ServiceException(500, "internal server error", e);
    }
  }

  private static final class Pull extends ResultCallback.Adapter<PullResponseItem> {
    private volatile @Nullable String error;
    private volatile @Nullable Throwable failure;

    @Override
    public void onError(Throwable cause) {
      failure = cause;
      onComplete();
    }

    @Override
    public void onNext(PullResponseItem item) {
      if (item.getErrorDetail() != null) {
        error = item.getErrorDetail().getMessage();
      }
    }
  }

  /** The engine's own words: the message of its JSON, or all it said. */
  static String message(DockerException failure) {
    String text = String.valueOf(failure.getMessage());
    int brace = text.indexOf('{');
    if (brace >= 0) {
      try {
        JsonNode message = JSON.readTree(text.substring(brace)).path("message");
        if (message.isTextual()) {
          return message.asText().strip();
        }
      } catch (JsonProcessingException e) {
        return text.strip();
      }
    }
    return text.strip();
  }
}
