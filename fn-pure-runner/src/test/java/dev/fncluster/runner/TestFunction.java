package dev.fncluster.runner;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A function that does what the header {@code X-Mode} of each request says. Depends on nothing but
 * the JDK: it runs in containers, and inside the test's own process.
 */
public final class TestFunction implements AutoCloseable {
  private static final OutputStream STDOUT = new FileOutputStream(FileDescriptor.out);
  private static final OutputStream STDERR = new FileOutputStream(FileDescriptor.err);

  private final Path directory;
  private final ServerSocketChannel server;
  private volatile @Nullable SocketChannel current;
  private volatile int connections;
  private volatile int requests;
  private volatile int closings;
  private volatile long written;
  private volatile boolean over;
  private final Semaphore pausing = new Semaphore(0);

  private TestFunction(Path directory) throws IOException {
    this.directory = directory;
    this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
  }

  /** Runs as the process of a container. */
  public static void main(String[] args) throws Exception {
    String exit = System.getenv("INIT_EXIT");
    STDOUT.write(text(System.getenv().getOrDefault("INIT_PRINT", "")));
    Thread.sleep(Long.parseLong(System.getenv().getOrDefault("INIT_DELAY_MS", "0")));
    if (exit != null) {
      System.exit(Integer.parseInt(exit));
    }
    Path listener = Path.of(System.getenv("FN_LISTENER").substring("unix:".length()));
    String link = System.getenv("INIT_LINK");
    if (link != null) {
      Files.createSymbolicLink(listener, Path.of(link));
      Thread.sleep(600_000);
    }
    try (TestFunction function = new TestFunction(listener.resolveSibling(".").normalize())) {
      function.listen();
      function.serve();
    }
  }

  /** Runs in the background of this process. */
  static TestFunction start(Path directory) throws IOException {
    TestFunction function = new TestFunction(directory);
    function.listen();
    Thread.ofVirtual().start(function::serve);
    return function;
  }

  int connections() {
    return connections;
  }

  /** How many connections the other end has closed after an {@code idleclose} answer. */
  int closings() {
    return closings;
  }

  /** How many requests have come, whole or not. */
  public int requests() {
    return requests;
  }

  /** Lets one {@code pausing} answer go on. */
  public void goOn() {
    pausing.release();
  }

  /** Bytes of the body of the last {@code big} answer that went into the socket. */
  public long written() {
    return written;
  }

  /** Whether it was closed, and its sockets with it. */
  boolean isOver() {
    return over;
  }

  @Override
  public void close() throws IOException {
    server.close();
    SocketChannel open = current;
    if (open != null) {
      open.close();
    }
  }

  private void listen() throws IOException {
    Path real = directory.resolve("phonylsnr.sock");
    server.bind(UnixDomainSocketAddress.of(real), 1);
    Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-rw-rw-"));
    Files.createSymbolicLink(directory.resolve("lsnr.sock"), real.getFileName());
  }

  private void serve() {
    while (server.isOpen()) {
      try (SocketChannel channel = server.accept()) {
        current = channel;
        connections++;
        InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
        OutputStream out = Channels.newOutputStream(channel);
        boolean more = true;
        while (more) {
          more = exchange(in, out);
        }
      } catch (IOException e) {
        // The other end is gone, or this function was closed: on to the next connection, if any.
      }
    }
    over = true;
  }

  private boolean exchange(InputStream in, OutputStream out) throws IOException {
    StringBuilder head = new StringBuilder();
    String line = readLine(in);
    head.append(line).append('\n');
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (line = readLine(in); !line.isEmpty(); line = readLine(in)) {
      head.append(line).append('\n');
      int colon = line.indexOf(':');
      headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
    }
    requests++;
    String[] mode = headers.getOrDefault("X-Mode", "echo").split(":", 2);
    if (mode[0].equals("early")) {
      answer(out, "200 OK", "", "early".getBytes(StandardCharsets.UTF_8));
    } else if (mode[0].equals("dropearly")) {
      return false;
    } else if (mode[0].equals("exitearly")) {
      System.exit(Integer.parseInt(mode[1]));
    }
    byte[] body = readChunked(in);
    String argument = mode.length > 1 ? mode[1] : "";
    switch (mode[0].toLowerCase(Locale.ROOT)) {
      case "early" -> {
        return false;
      }
      case "echo" ->
          answer(out, "200 OK", "Content-Type: text/plain\r\nX-Multi: a\r\nX-Multi: b\r\n", body);
      case "sleep" -> {
        sleep(Long.parseLong(argument));
        answer(out, "200 OK", "", body);
      }
      case "status" ->
          answer(out, argument + " Whatever", "", "secret".getBytes(StandardCharsets.UTF_8));
      case "head" -> answer(out, "200 OK", "", head.toString().getBytes(StandardCharsets.UTF_8));
      case "env" ->
          answer(out, "200 OK", "", System.getenv().toString().getBytes(StandardCharsets.UTF_8));
      case "read" -> answer(out, "200 OK", "", Files.readAllBytes(Path.of(argument)));
      case "twice" -> {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        answer(both, "200 OK", "", body);
        answer(both, "200 OK", "", "forged".getBytes(StandardCharsets.UTF_8));
        out.write(both.toByteArray());
      }
      case "drop" -> {
        return false;
      }
      case "print" -> {
        STDOUT.write(body);
        STDERR.write(text("to stderr\n"));
        answer(out, "200 OK", "", body);
      }
      case "printexit" -> {
        STDOUT.write(body);
        System.exit(Integer.parseInt(argument));
      }
      case "flood" -> {
        flood(Long.parseLong(argument), body);
        answer(out, "200 OK", "", text("flooded"));
      }
      case "crash" -> System.exit(1);
      case "exit" -> System.exit(Integer.parseInt(argument));
      case "oom" -> takeMemory();
      case "threads" -> answer(out, "200 OK", "", text(Integer.toString(startThreads())));
      case "fill" -> answer(out, "200 OK", "", text(fill(Path.of(argument))));
      case "endless" -> chunked(out, Long.MAX_VALUE);
      case "closesocket" -> {
        server.close();
        Files.delete(directory.resolve("lsnr.sock"));
        answer(out, "200 OK", "Connection: close\r\n", body);
        return false;
      }
      case "short" -> {
        out.write(
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n123456789"
                .getBytes(StandardCharsets.UTF_8));
        return false;
      }
      case "garbage" -> {
        out.write("utter nonsense\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        return false;
      }
      case "big" -> big(out, Long.parseLong(argument));
      case "chunked" -> chunked(out, Long.parseLong(argument));
      case "pausing" -> {
        out.write(
            text(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: "
                    + argument
                    + "\r\n\r\n5\r\nfirst\r\n"));
        pausing.acquireUninterruptibly();
        out.write(text("4\r\nlast\r\n0\r\n\r\n"));
      }
      case "longheader" ->
          answer(out, "200 OK", "X-Long: " + "x".repeat(Integer.parseInt(argument)) + "\r\n", body);
      case "close" -> {
        answer(out, "200 OK", "Connection: close\r\n", body);
        return false;
      }
      case "idleclose" -> {
        answer(out, "200 OK", "", body);
        Objects.requireNonNull(current).shutdownOutput();
        boolean taken = in.read() < 0;
        closings += taken ? 1 : 0;
        return false;
      }
      case "continue" -> {
        out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        answer(out, "200 OK", "", body);
      }
      default -> answer(out, "500 Unknown mode", "", body);
    }
    return true;
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void takeMemory() {
    List<ByteBuffer> taken = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      ByteBuffer some = ByteBuffer.allocateDirect(1 << 20);
      for (int at = 0; at < some.capacity(); at += 4096) {
        some.put(at, (byte) 1);
      }
      taken.add(some);
    }
  }

  private static int startThreads() {
    int count = 0;
    try {
      while (count < 10_000) {
        Thread thread = new Thread(() -> sleep(600_000));
        thread.setDaemon(true);
        thread.start();
        count++;
      }
    } catch (OutOfMemoryError limit) {
      return count;
    }
    return count;
  }

  private static void flood(long size, byte[] piece) throws IOException {
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    while (many.size() < 8192) {
      many.writeBytes(piece);
    }
    for (long left = size; left > 0; left -= many.size()) {
      many.writeTo(STDOUT);
    }
  }

  private static String fill(Path file) {
    long written = 0;
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] piece = new byte[65536];
      while (written < 1L << 32) {
        out.write(piece);
        written += piece.length;
      }
      return "no limit";
    } catch (IOException limit) {
      return written + " bytes, " + limit.getMessage();
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void answer(OutputStream out, String status, String headers, byte[] body)
      throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(
        ("HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + body.length + "\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    all.writeBytes(body);
    out.write(all.toByteArray());
  }

  private void big(OutputStream out, long size) throws IOException {
    out.write(
        ("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    byte[] piece = new byte[8192];
    written = 0;
    for (long left = size; left > 0; left -= piece.length) {
      int length = (int) Math.min(left, piece.length);
      out.write(piece, 0, length);
      written += length;
    }
  }

  private static void chunked(OutputStream socket, long size) throws IOException {
    OutputStream out = new BufferedOutputStream(socket);
    out.write(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    for (long left = size; left > 0; left -= 1000) {
      int length = (int) Math.min(left, 1000);
      out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.UTF_8));
      out.write(new byte[length]);
      out.write("\r\n".getBytes(StandardCharsets.UTF_8));
    }
    out.write("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static byte[] readChunked(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int length = Integer.parseInt(readLine(in).strip(), 16);
      body.writeBytes(in.readNBytes(length));
      readLine(in);
      if (length == 0) {
        return body.toByteArray();
      }
    }
  }

  private static String readLine(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException();
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }
}
