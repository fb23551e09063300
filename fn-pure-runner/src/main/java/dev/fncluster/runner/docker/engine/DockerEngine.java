package dev.fncluster.runner.docker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient;
import dev.fncluster.api.settings.SettingException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to one engine: two clients with bounded connections, one for short calls and one for
 * those that stream. Calls block; thread-safe.
 */
public final class DockerEngine implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DockerEngine.class);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
  private static final int SHORT_CALLS = 16;
  private static final int STREAMING_CALLS = 32;
  private static final byte[] NOTHING = {};
  private static final ObjectMapper JSON = new ObjectMapper();
  static final String OLDEST = "17.10.0-ce";
  // The newest version of the engine's API whose answers this client is known to read.
  private static final ApiVersion NEWEST_KNOWN = new ApiVersion(1, 47);

  /** A version of the engine's API. */
  record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {
    static ApiVersion parse(String text) {
      String[] parts = text.split("\\.", 2);
      return new ApiVersion(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }

    @Override
    public int compareTo(ApiVersion other) {
      int byMajor = Integer.compare(major, other.major);
      return byMajor != 0 ? byMajor : Integer.compare(minor, other.minor);
    }

    /** The version to speak with an engine that knows {@code oldest} to {@code newest}. */
    static ApiVersion choose(ApiVersion oldest, ApiVersion newest) {
      ApiVersion wanted = newest.compareTo(NEWEST_KNOWN) < 0 ? newest : NEWEST_KNOWN;
      return wanted.compareTo(oldest) < 0 ? oldest : wanted;
    }

    @Override
    public String toString() {
      return major + "." + minor;
    }
  }

  private final EngineAddress address;

  /** What an engine says of itself. */
  private record About(ApiVersion version, String system, String architecture) {}

  private final About about;
  private final DockerHttpClient shortHttp;
  private final DockerHttpClient streamingHttp;
  private final DockerClient shortCalls;
  private final DockerClient streamingCalls;
  private final BoundedCalls calls = new BoundedCalls(SHORT_CALLS);
  private final EngineMeters meters;

  private DockerEngine(
      DefaultDockerClientConfig config,
      About about,
      DockerHttpClient shortHttp,
      DockerHttpClient streamingHttp,
      EngineMeters meters) {
    this.about = about;
    this.meters = meters;
    this.address = address(config);
    this.shortHttp = shortHttp;
    this.streamingHttp = streamingHttp;
    this.shortCalls = DockerClientImpl.getInstance(config, shortHttp);
    this.streamingCalls = DockerClientImpl.getInstance(config, streamingHttp);
  }

  /**
   * Finds the engine and agrees with it on a version of its API.
   *
   * @param dockerHost its address; empty for what the Docker client's own configuration says
   * @throws SettingException when there is no engine or it is too old
   */
  public static DockerEngine connect(Optional<String> dockerHost, EngineMeters meters) {
    DefaultDockerClientConfig.Builder builder =
        DefaultDockerClientConfig.createDefaultConfigBuilder();
    dockerHost.ifPresent(builder::withDockerHost);
    DefaultDockerClientConfig config = builder.build();
    DockerHttpClient shortHttp = http(config, SHORT_CALLS, ANSWER_TIMEOUT);
    DockerHttpClient streamingHttp = http(config, STREAMING_CALLS, Duration.ZERO);
    About about = negotiate(config, shortHttp);
    ApiVersion version = about.version();
    return new DockerEngine(
        builder.withApiVersion(RemoteApiVersion.create(version.major(), version.minor())).build(),
        about,
        shortHttp,
        streamingHttp,
        meters);
  }

  private static EngineAddress address(DefaultDockerClientConfig config) {
    try {
      return new EngineAddress(
          config.getDockerHost(),
          config.getApiVersion().asWebPathPart(),
          config.getSSLConfig() == null ? null : config.getSSLConfig().getSSLContext());
    } catch (GeneralSecurityException e) {
      throw new SettingException(
          "DOCKER_CERT_PATH has certificates that can't be used: " + rootMessage(e));
    }
  }

  private static DockerHttpClient http(
      DefaultDockerClientConfig config, int connections, Duration answerTimeout) {
    ApacheDockerHttpClient.Builder builder =
        new ApacheDockerHttpClient.Builder()
            .dockerHost(config.getDockerHost())
            .sslConfig(config.getSSLConfig())
            .maxConnections(connections)
            .connectionTimeout(CONNECT_TIMEOUT);
    if (!answerTimeout.isZero()) {
      builder.responseTimeout(answerTimeout);
    }
    return builder.build();
  }

  private static About negotiate(DefaultDockerClientConfig config, DockerHttpClient http) {
    // Without a version in its path every engine answers this, whatever versions it speaks.
    DockerHttpClient.Request request =
        DockerHttpClient.Request.builder()
            .method(DockerHttpClient.Request.Method.GET)
            .path("/version")
            .build();
    try (DockerHttpClient.Response response = http.execute(request)) {
      JsonNode answer = JSON.readTree(response.getBody());
      String engine = answer.path("Version").asText("");
      if (!isRecent(engine, OLDEST)) {
        throw new SettingException(
            "docker version is too old. Required: " + OLDEST + " Found: " + engine);
      }
      ApiVersion newest = ApiVersion.parse(answer.path("ApiVersion").asText("1.33"));
      ApiVersion oldest = ApiVersion.parse(answer.path("MinAPIVersion").asText("1.12"));
      ApiVersion chosen = ApiVersion.choose(oldest, newest);
      log.atInfo()
          .addKeyValue("engine", engine)
          .addKeyValue("api", chosen)
          .log("Connected to the Docker engine");
      return new About(
          chosen, answer.path("Os").asText("linux"), answer.path("Arch").asText("unknown"));
    } catch (IOException | RuntimeException e) {
      if (e instanceof SettingException) {
        throw (SettingException) e;
      }
      throw new SettingException(
          "DOCKER_HOST is \""
              + config.getDockerHost()
              + "\", where no Docker engine answers: "
              + rootMessage(e));
    }
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  /** Whether an engine of this version will do, where one of {@code required} would. */
  static boolean isRecent(String version, String required) {
    EngineVersion least = EngineVersion.parse(required).orElseThrow();
    // A build without a number is somebody's own, not an old one.
    return EngineVersion.parse(version).map(found -> found.compareTo(least) >= 0).orElse(true);
  }

  /**
   * Makes a short call as soon as not too many are under way.
   *
   * @throws EngineUnavailableException when the engine can't be reached, does not answer within a
   *     minute, or has so much to do that none of the calls under way ended within one
   */
  public <T> T call(EngineApi api, Function<DockerClient, T> action) throws InterruptedException {
    return call(api, ANSWER_TIMEOUT, action);
  }

  /** As {@link #call(EngineApi, Function)}, with {@code limit} instead of a minute. */
  public <T> T call(EngineApi api, Duration limit, Function<DockerClient, T> action)
      throws InterruptedException {
    long began = System.nanoTime();
    Throwable failure = null;
    try {
      return calls.call(limit, () -> action.apply(shortCalls));
    } catch (DockerException | EngineUnavailableException | InterruptedException e) {
      failure = e;
      throw e;
    } catch (RuntimeException e) {
      failure = e;
      throw EngineUnavailableException.isOfConnection(e)
          ? new EngineUnavailableException("the Docker engine can't be reached", e)
          : e;
    } finally {
      meters.called(api, System.nanoTime() - began, failure);
    }
  }

  /**
   * Reads what the engine answers to a GET.
   *
   * @param limit for the answer, and for the wait until the engine can be asked
   * @param path from behind the version on
   * @return empty when the engine knows nothing there
   * @throws IOException when it answers no JSON, or with an error
   */
  public Optional<JsonNode> read(EngineApi api, Duration limit, String path)
      throws InterruptedException, IOException {
    DockerHttpClient.Request request =
        DockerHttpClient.Request.builder()
            .method(DockerHttpClient.Request.Method.GET)
            .path("/v" + about.version() + path)
            .build();
    byte[] json =
        call(
            api,
            limit,
            client -> {
              try (DockerHttpClient.Response response = shortHttp.execute(request)) {
                if (response.getStatusCode() == 404) {
                  return NOTHING;
                }
                if (response.getStatusCode() != 200) {
                  throw new DockerException("unexpected answer", response.getStatusCode());
                }
                return response.getBody().readAllBytes();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    return json.length == 0 ? Optional.empty() : Optional.of(JSON.readTree(json));
  }

  /**
   * Makes an image of the files in a tarball. The client's own command for it sends no tarball.
   *
   * @param repository the image's name
   * @throws DockerException when the engine refuses it
   */
  public void importImage(String repository, String tag, byte[] tarball)
      throws InterruptedException {
    DockerHttpClient.Request request =
        DockerHttpClient.Request.builder()
            .method(DockerHttpClient.Request.Method.POST)
            .path(
                "/v"
                    + about.version()
                    + "/images/create?fromSrc=-&repo="
                    + URLEncoder.encode(repository, StandardCharsets.UTF_8)
                    + "&tag="
                    + URLEncoder.encode(tag, StandardCharsets.UTF_8))
            .putHeader("Content-Type", "application/x-tar")
            .body(new ByteArrayInputStream(tarball))
            .build();
    call(
        EngineApi.LOAD_IMAGES,
        client -> {
          try (DockerHttpClient.Response response = shortHttp.execute(request)) {
            String answer = new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
            if (response.getStatusCode() != 200 || answer.contains("\"error\"")) {
              throw new DockerException(answer.strip(), response.getStatusCode());
            }
            return answer;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** A request for a container, to be filled in and made with {@link #call}. */
  public CreateContainerCmd newContainer(String image) {
    return shortCalls.createContainerCmd(image);
  }

  /** Where it answers. */
  public EngineAddress address() {
    return address;
  }

  /** The operating system of its containers, such as {@code linux}. */
  public String system() {
    return about.system();
  }

  /** The kind of its machine, such as {@code amd64} or {@code arm64}. */
  public String architecture() {
    return about.architecture();
  }

  /**
   * Has {@code each} called, on the stream's own thread, for each JSON object of the answer to a
   * GET, until the stream is closed.
   *
   * @param path from behind the version on
   */
  EngineStream stream(String path, Consumer<JsonNode> each) {
    return EngineStream.open(
        streamingHttp,
        DockerHttpClient.Request.builder()
            .method(DockerHttpClient.Request.Method.GET)
            .path("/v" + about.version() + path)
            .build(),
        each);
  }

  /** The client for calls that stream; the caller bounds and measures them. */
  public DockerClient streaming() {
    return streamingCalls;
  }

  /** What is measured of the engine. */
  public EngineMeters meters() {
    return meters;
  }

  @Override
  public void close() {
    calls.close();
    try {
      shortHttp.close();
      streamingHttp.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
