package dev.fncluster.testfunction;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;

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
    delayInitialisation(environment);
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

  private static void delayInitialisation(Map<String, String> environment)
      throws InterruptedException {
    String delay = environment.get("ENABLE_INIT_DELAY_MSEC");
    if (delay != null) {
      Thread.sleep(Long.parseLong(delay));
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
