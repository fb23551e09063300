package dev.fncluster.testfunction;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Starts the function: reads the environment, opens the socket, serves until the container is
 * stopped.
 */
public final class Main {
  private Main() {}

  /**
   * Runs until the process is ended. Exits with status 2 when the environment breaks the container
   * contract.
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Map<String, String> environment = System.getenv();
    if (environment.containsKey("ENABLE_HEADER")) {
      System.err.println("Container starting");
    }
    sleep(environment.get("ENABLE_INIT_DELAY_MSEC"));
    refuseOtherSpawners(environment);
    String exitStatus = environment.get("ENABLE_INIT_EXIT");
    if (exitStatus != null) {
      System.exit(Integer.parseInt(exitStatus));
    }
    String format = environment.get("FN_FORMAT");
    if (format != null && !format.equalsIgnoreCase("http-stream")) {
      System.err.println("FN_FORMAT is " + format + ", expected http-stream");
      System.exit(2);
    }
    FunctionSocket socket;
    try {
      socket = FunctionSocket.parse(environment.get("FN_LISTENER"));
    } catch (IllegalArgumentException malformed) {
      System.err.println(malformed.getMessage());
      System.exit(2);
      return;
    }
    Function function = chooseFunction(environment);
    try (ServerSocketChannel listener = socket.open()) {
      new Server(listener, function, Identity.random()).serve();
    }
  }

  /** Fails, after a while, in a container that was not made for the call it should be made for. */
  private static void refuseOtherSpawners(Map<String, String> environment)
      throws InterruptedException {
    String wanted = environment.get("ENABLE_FAIL_IF_FN_SPAWN_CALL_ID_NONMATCH");
    String actual = environment.get("FN_SPAWN_CALL_ID");
    if (wanted != null && actual != null && !actual.equals(wanted)) {
      sleep(environment.get("ENABLE_FAIL_IF_FN_SPAWN_CALL_ID_NONMATCH_MSEC"));
      System.exit(-1);
    }
  }

  private static void sleep(@Nullable String millis) throws InterruptedException {
    if (millis != null) {
      Thread.sleep(Long.parseLong(millis));
    }
  }

  private static Function chooseFunction(Map<String, String> environment) {
    String mode = environment.getOrDefault("FUNCTION_MODE", "echo");
    return switch (mode) {
      case "echo" -> new EchoFunction();
      case "knobs" -> new KnobFunction(environment);
      default ->
          throw new IllegalArgumentException(
              "FUNCTION_MODE is " + mode + ", expected echo or knobs");
    };
  }
}
