package dev.fncluster.runner.docker.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.PullImageCmd;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.PullResponseItem;
import dev.fncluster.runner.docker.engine.DockerEngine;
import dev.fncluster.runner.docker.engine.EngineApi;
import dev.fncluster.runner.docker.engine.EngineUnavailableException;
import dev.fncluster.runner.docker.registry.Credentials;
import dev.fncluster.runner.docker.registry.ImageReference;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Has a Docker engine pull. */
final class DockerPull implements PullEngine {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DockerEngine engine;

  DockerPull(DockerEngine engine) {
    this.engine = engine;
  }

  @Override
  public void pull(ImageReference image, Credentials credentials, Duration limit)
      throws PullFailedException, TimeoutException, InterruptedException {
    long began = System.nanoTime();
    Throwable failure = null;
    try {
      run(image, credentials, limit);
    } catch (PullFailedException e) {
      failure = e.getCause() == null ? e : e.getCause();
      throw e;
    } catch (TimeoutException | InterruptedException | RuntimeException e) {
      failure = e;
      throw e;
    } finally {
      engine.meters().called(EngineApi.PULL_IMAGE, System.nanoTime() - began, failure);
    }
  }

  private void run(ImageReference image, Credentials credentials, Duration limit)
      throws PullFailedException, TimeoutException, InterruptedException {
    PullImageCmd command = engine.streaming().pullImageCmd(image.repository()).withTag(image.tag());
    if (!credentials.equals(Credentials.NONE)) {
      command.withAuthConfig(auth(credentials, image));
    }
    try (Progress progress = command.exec(new Progress())) {
      if (!progress.awaitCompletion(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new TimeoutException("the pull took longer than " + limit);
      }
      progress.check();
    } catch (IOException e) {
      throw new PullFailedException(0, "the answer of the engine could not be closed");
    }
  }

  private static AuthConfig auth(Credentials credentials, ImageReference image) {
    AuthConfig auth =
        new AuthConfig()
            .withRegistryAddress(
                credentials.address().isEmpty() ? image.registry() : credentials.address());
    if (!credentials.registryToken().isEmpty()) {
      return auth.withRegistrytoken(credentials.registryToken());
    }
    if (!credentials.identityToken().isEmpty()) {
      return auth.withUsername(credentials.username())
          .withIdentityToken(credentials.identityToken());
    }
    return auth.withUsername(credentials.username()).withPassword(credentials.password());
  }

  private static final class Progress extends ResultCallback.Adapter<PullResponseItem> {
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

    void check() throws PullFailedException {
      Throwable cause = failure;
      if (cause instanceof DockerException refused) {
        throw failed(refused.getHttpStatus(), message(refused), cause);
      }
      if (cause != null && EngineUnavailableException.isOfConnection(cause)) {
        throw new EngineUnavailableException("the Docker engine left a pull", cause);
      }
      if (cause != null) {
        throw failed(0, String.valueOf(cause.getMessage()), cause);
      }
      String text = error;
      if (text != null) {
        throw new PullFailedException(0, text);
      }
    }

    private static PullFailedException failed(int status, String text, Throwable cause) {
      PullFailedException failed = new PullFailedException(status, text);
      failed.initCause(cause);
      return failed;
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
