package dev.fncluster.runnerpool.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.runnerpool.RunnerAddress;
import dev.fncluster.runnerpool.pool.Endpoint;
import dev.fncluster.runnerpool.pool.EndpointSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runners in a file that is read again when it changes: one {@code host:port} a line, with comments
 * after {@code #}, or a JSON array of such texts. A file that is away, empty or wrong is logged,
 * and the last good one goes on to hold. Thread-safe.
 */
public final class FileSource implements EndpointSource {
  /** How often the file is looked at by default. */
  public static final Duration PERIOD = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(FileSource.class);
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final int MAX_BYTES = 1 << 20;

  private final Path file;
  private final Duration period;
  private final CountDownLatch closing = new CountDownLatch(1);
  private List<Endpoint> known = List.of();
  private String told = "";

  /**
   * The runners of {@code file}.
   *
   * @param period between two looks at it; positive
   */
  public FileSource(Path file, Duration period) {
    this.file = file;
    this.period = period;
  }

  /**
   * Reads the file, then goes on to look at it.
   *
   * @throws IOException when it can't be used now
   */
  @Override
  public void start(Consumer<List<Endpoint>> listener) throws IOException {
    known = read();
    listener.accept(known);
    Thread.ofVirtual().name("runner-list").start(() -> run(listener));
  }

  private void run(Consumer<List<Endpoint>> listener) {
    try {
      while (!closing.await(period.toMillis(), TimeUnit.MILLISECONDS)) {
        look(listener);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(Consumer<List<Endpoint>> listener) {
    try {
      List<Endpoint> now = read();
      told = "";
      if (!now.equals(known)) {
        known = now;
        listener.accept(now);
      }
    } catch (IOException | RuntimeException e) {
      if (!told.equals(e.toString())) {
        told = e.toString();
        log.atWarn()
            .addKeyValue("file", file)
            .addKeyValue("why", told)
            .log("the list of runners can't be used; the one before goes on to be");
      }
    }
  }

  private List<Endpoint> read() throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException(file + " is longer than " + MAX_BYTES + " bytes");
    }
    String text = Files.readString(file);
    LinkedHashSet<Endpoint> endpoints = new LinkedHashSet<>();
    try {
      for (String each : text.stripLeading().startsWith("[") ? array(text) : lines(text)) {
        endpoints.add(Endpoint.of(RunnerAddress.parse(file.toString(), each)));
      }
    } catch (SettingException e) {
      throw new IOException(e.getMessage(), e);
    }
    if (endpoints.isEmpty()) {
      throw new IOException(file + " names no runner");
    }
    return List.copyOf(endpoints);
  }

  private List<String> array(String text) throws IOException {
    List<String> all = new ArrayList<>();
    try {
      for (JsonNode each : JSON.readTree(text)) {
        if (!each.isTextual()) {
          throw new IOException(file + " holds JSON that is no array of texts");
        }
        all.add(each.textValue());
      }
    } catch (JsonProcessingException e) {
      throw new IOException(file + " holds malformed JSON: " + e.getOriginalMessage(), e);
    }
    return all;
  }

  private static List<String> lines(String text) {
    return text.lines()
        .map(line -> line.replaceFirst("#.*", "").strip())
        .filter(line -> !line.isEmpty())
        .toList();
  }

  @Override
  public void close() {
    closing.countDown();
  }
}
