package dev.fncluster.testfunction;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Does what the JSON object in the request says: sleeps, crashes, exits, takes memory, answers
 * much, little or nonsense. Its fields are those of the Fn Project's test function, so that tests
 * that were written for that one can be read here. Safe for use by several threads.
 */
final class KnobFunction implements Function {
  private static final int MAX_KNOBS_BYTES = 8 << 20;
  private static final Pattern CONTAINER_ID = Pattern.compile("[0-9a-f]{64}");

  private final JsonFactory json = new JsonFactory();
  private final Map<String, String> environment;
  private final Queue<ByteBuffer> leaked = new ConcurrentLinkedQueue<>();
  private volatile @Nullable ByteBuffer allocated;

  KnobFunction(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  @Override
  public void answer(Request request, Response response) throws IOException {
    if (request.header("Fn-Deadline") == null) {
      exit(1, "no Fn-Deadline");
    }
    Knobs knobs = Knobs.parse(json, readBody(request.body()));
    expectHeaders(knobs, request);
    sleep(knobs.number("sleepTime"));
    Map<String, String> data = new LinkedHashMap<>();
    if (knobs.isSet("isDebug")) {
      System.err.println("BeginOfLogs");
      System.err.println("EndOfLogs");
      data.put("DockerId", containerId());
      data.put("DockerHostname", environment.getOrDefault("HOSTNAME", ""));
    }
    if (knobs.isSet("isCrash")) {
      exit(1, "asked to crash");
    }
    if (knobs.isSet("isExit")) {
      exit(knobs.number("exitCode"), "asked to exit");
    }
    holdMemory(knobs);
    FileKnobs.apply(knobs, data);
    answer(knobs, request, response, data);
    afterwards(knobs, response);
  }

  private void answer(Knobs knobs, Request request, Response response, Map<String, String> data)
      throws IOException {
    setHead(knobs, response);
    if (knobs.isSet("isEmptyBody")) {
      return;
    }
    OutputStream body = new BufferedOutputStream(new ResponseStream(response), 16 << 10);
    if (knobs.isSet("invalidResponse")) {
      body.write("This is not the JSON that was asked for: ".getBytes(StandardCharsets.UTF_8));
    }
    // The generator is not closed before the stream's last byte: closing flushes.
    JsonGenerator generator = json.createGenerator(body);
    generator.writeStartObject();
    writeRequest(generator, knobs);
    if (knobs.number("pauseTime") > 0) {
      generator.flush();
      sleep(knobs.number("pauseTime"));
    }
    writeHeaders(generator, "header", request.headers());
    writeObject(generator, "config", environment);
    writeObject(generator, "data", data);
    generator.writeArrayFieldStart("trailer");
    for (int i = 0; i < knobs.number("trailerRepeat"); i++) {
      generator.writeString(knobs.text("echoContent"));
    }
    generator.writeEndArray();
    generator.writeEndObject();
    generator.writeRaw('\n');
    generator.close();
  }

  private static void writeRequest(JsonGenerator generator, Knobs knobs) throws IOException {
    generator.writeObjectFieldStart("request");
    for (Map.Entry<String, Knobs.Scalar> field : knobs.scalars().entrySet()) {
      generator.writeFieldName(field.getKey());
      Knobs.Scalar value = field.getValue();
      if (value.quoted()) {
        generator.writeString(value.text());
      } else {
        generator.writeRawValue(value.text());
      }
    }
    for (var field : knobs.headerLists().entrySet()) {
      writeHeaders(generator, field.getKey(), field.getValue());
    }
    generator.writeEndObject();
  }

  private static void writeHeaders(
      JsonGenerator generator, String name, Map<String, List<String>> headers) throws IOException {
    generator.writeObjectFieldStart(name);
    for (Map.Entry<String, List<String>> header : headers.entrySet()) {
      generator.writeArrayFieldStart(header.getKey());
      for (String value : header.getValue()) {
        generator.writeString(value);
      }
      generator.writeEndArray();
    }
    generator.writeEndObject();
  }

  private static void writeObject(JsonGenerator generator, String name, Map<String, String> fields)
      throws IOException {
    generator.writeObjectFieldStart(name);
    for (Map.Entry<String, String> field : fields.entrySet()) {
      generator.writeStringField(field.getKey(), field.getValue());
    }
    generator.writeEndObject();
  }

  private static void setHead(Knobs knobs, Response response) {
    if (knobs.number("responseCode") != 0) {
      response.userStatus(knobs.number("responseCode"));
    }
    String contentType = knobs.text("responseContentType");
    if (contentType.isEmpty()) {
      contentType = knobs.text("jasonContentType");
    }
    if (!contentType.isEmpty()) {
      response.header("Content-Type", contentType);
    }
    knobs
        .headers("returnHeaders")
        .forEach((name, values) -> values.forEach(value -> response.userHeader(name, value)));
  }

  private static void expectHeaders(Knobs knobs, Request request) {
    knobs
        .headers("expectHeaders")
        .forEach((name, values) -> {
          String expected = values.isEmpty() ? "" : values.getFirst();
          String actual = request.header(name);
          if (!expected.equals(actual == null ? "" : actual)) {
            exit(1, "header " + name + " is not as expected");
          }
        });
  }

  /** Memory outside the heap, so that the container's limit is met and not the heap's. */
  private void holdMemory(Knobs knobs) {
    int count = knobs.number("allocateMemory");
    allocated = count > 0 ? ByteBuffer.allocateDirect(count) : null;
    int leak = knobs.number("leakMemory");
    if (leak > 0) {
      leaked.add(ByteBuffer.allocateDirect(leak));
    }
  }

  private void afterwards(Knobs knobs, Response response) throws IOException {
    boolean more =
        knobs.number("postSleepTime") > 0
            || knobs.isSet("isShutdown")
            || !knobs.text("postOutGarbage").isEmpty()
            || !knobs.text("postErrGarbage").isEmpty();
    if (!more) {
      return;
    }
    response.finish();
    sleep(knobs.number("postSleepTime"));
    System.out.print(knobs.text("postOutGarbage"));
    System.out.flush();
    System.err.print(knobs.text("postErrGarbage"));
    if (knobs.isSet("isShutdown")) {
      shutDown();
    }
  }

  /** Ends as a server does that was told to: by itself, in its own time. */
  private void shutDown() {
    if (environment.containsKey("ENABLE_FOOTER")) {
      System.err.println("Container ending");
    }
    sleep(delay(environment, "ENABLE_EXIT_DELAY_MSEC"));
    exit(0, "asked to shut down");
  }

  /** The id by which the engine knows this container, or nothing where it can't be seen. */
  private static String containerId() throws IOException {
    Path groups = Path.of("/proc/self/cgroup");
    Matcher id = CONTAINER_ID.matcher(Files.isReadable(groups) ? Files.readString(groups) : "");
    return id.find() ? id.group() : "";
  }

  private static int delay(Map<String, String> environment, String name) {
    return Integer.parseInt(environment.getOrDefault(name, "0"));
  }

  private static byte[] readBody(RequestBody body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] part = new byte[8 << 10];
    int count = body.read(part);
    while (count >= 0 && bytes.size() + count <= MAX_KNOBS_BYTES) {
      bytes.write(part, 0, count);
      count = body.read(part);
    }
    return count < 0 ? bytes.toByteArray() : new byte[0];
  }

  private static void sleep(int millis) {
    if (millis <= 0) {
      return;
    }
    try {
      Thread.sleep(millis);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the process at once: no hook may turn a crash into something gentler. */
  private static void exit(int status, String reason) {
    System.err.println(reason);
    Runtime.getRuntime().halt(status);
  }

  /** Writes into the response's body; closing it leaves the response open. */
  private static final class ResponseStream extends OutputStream {
    private final Response response;

    ResponseStream(Response response) {
      this.response = response;
    }

    @Override
    public void write(int value) throws IOException {
      response.write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      response.write(source, offset, length);
    }

    @Override
    public void flush() throws IOException {
      response.flush();
    }
  }
}
