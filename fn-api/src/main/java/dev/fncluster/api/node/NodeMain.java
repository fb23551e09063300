package dev.fncluster.api.node;

import dev.fncluster.api.auth.NewToken;
import dev.fncluster.api.settings.KnownSettings;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingSources;
import dev.fncluster.api.settings.Settings;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * The main method of every node: flags, settings, log, start, signals, stop.
 *
 * <p>Exit codes: 0 for a stop that was asked for, 1 for a failure (one line on stderr says which),
 * 2 for wrong flags, 128 and the signal's number when a second signal ended it at once.
 */
@API(status = API.Status.MAINTAINED, since = "0.1")
public final class NodeMain {
  private static final int EXIT_FAILURE = 1;
  private static final int EXIT_USAGE = 2;

  private final String program;
  private final NodeFactory factory;
  private final KnownSettings known;
  private final Function<Settings, String> serviceName;
  private final Map<String, String> environment;
  private final PrintWriter out;
  private final PrintWriter err;

  /** What an operator types by hand. */
  @SuppressWarnings("UnusedVariable") // picocli answers some of them itself
  @Command
  private static final class Flags {
    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show this and exit.")
    private boolean help;

    @Option(names = "--version", versionHelp = true, description = "Show the version and exit.")
    private boolean version;

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description = "Read settings from this properties file; the environment overrides it.")
    private @Nullable Path config;

    @Option(
        names = "--print-config",
        description = "Show all settings as they hold, with secrets masked, and exit.")
    private boolean printConfig;

    @ArgGroup(exclusive = false, heading = "%nTo make a token:%n")
    private @Nullable TokenFlags token;
  }

  @Command
  private static final class TokenFlags {
    @Option(
        names = "--make-token",
        required = true,
        paramLabel = "NAME",
        description =
            "Make a token of that name, show it and the line for the file of"
                + " FN_AUTH_TOKENS_PATH, and exit.")
    private String name = "";

    @Option(
        names = "--token-scopes",
        required = true,
        paramLabel = "LIST",
        description = "What it is good for: admin, read, lookup, invoke, separated by commas.")
    private String scopes = "";

    @Option(
        names = "--token-apps",
        paramLabel = "LIST",
        description = "The ids of the only apps that it is good for, separated by commas.")
    private @Nullable String apps;

    @Option(
        names = "--token-expires",
        paramLabel = "TIME",
        description = "When it ends, such as 2027-01-31T00:00:00Z.")
    private @Nullable String expires;
  }

  NodeMain(
      String program,
      NodeFactory factory,
      List<Setting<?>> known,
      Function<Settings, String> serviceName,
      Map<String, String> environment,
      PrintWriter out,
      PrintWriter err) {
    this.program = program;
    this.factory = factory;
    List<Setting<?>> all = new ArrayList<>(known);
    all.addAll(NodeSettings.all());
    this.known = KnownSettings.of(all);
    this.serviceName = serviceName;
    this.environment = environment;
    this.out = out;
    this.err = err;
  }

  /**
   * Runs a node until it is told to stop, then ends the process. In traces it has the name of the
   * program, unless its settings say another one.
   *
   * @param program what the operator calls it, such as {@code fn-lb}
   * @param args the process's arguments
   * @param known the settings that the node reads, beside {@link NodeSettings}
   */
  public static void run(
      String program, String[] args, NodeFactory factory, List<Setting<?>> known) {
    run(program, args, factory, known, settings -> program);
  }

  /**
   * Runs a node until it is told to stop, then ends the process.
   *
   * @param program what the operator calls it, such as {@code fn-server}
   * @param args the process's arguments
   * @param known the settings that the node reads, beside {@link NodeSettings}
   * @param serviceName what the node is called in traces, unless its settings say another name
   */
  @API(status = API.Status.INTERNAL)
  @SuppressWarnings("SystemOut")
  public static void run(
      String program,
      String[] args,
      NodeFactory factory,
      List<Setting<?>> known,
      Function<Settings, String> serviceName) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(
        new NodeMain(program, factory, known, serviceName, System.getenv(), out, err)
            .execute(args));
  }

  /** Does it all but ending the process, and returns the exit code. */
  int execute(String... args) {
    BuildInfo build = BuildInfo.load();
    Flags flags = new Flags();
    CommandLine line = new CommandLine(flags);
    CommandSpec spec = line.getCommandSpec();
    spec.name(program).version(program + " " + build.version());
    spec.usageMessage().footer("", "Settings are environment variables; see --print-config.");
    try {
      line.parseArgs(args);
    } catch (ParameterException e) {
      err.println(program + ": " + e.getMessage() + "; --help shows what there is");
      return EXIT_USAGE;
    }
    if (line.isUsageHelpRequested()) {
      line.usage(out);
      return 0;
    }
    if (line.isVersionHelpRequested()) {
      line.printVersionHelp(out);
      return 0;
    }
    TokenFlags token = flags.token;
    if (token != null) {
      return makeToken(token);
    }
    try {
      var settings = SettingSources.load(Optional.ofNullable(flags.config), environment);
      if (flags.printConfig) {
        out.print(known.print(settings));
        out.flush();
        return 0;
      }
      return new NodeProcess(serviceName, factory, known, settings, build).run();
    } catch (Throwable e) {
      // Whatever it was, the process ends.
      err.println(program + ": " + Failures.line(e));
      return EXIT_FAILURE;
    }
  }

  private int makeToken(TokenFlags flags) {
    try {
      NewToken made =
          NewToken.make(
              flags.name,
              flags.scopes,
              Optional.ofNullable(flags.apps),
              Optional.ofNullable(flags.expires));
      out.println(made.token());
      out.println(made.line());
      return 0;
    } catch (IllegalArgumentException e) {
      err.println(program + ": no token was made: " + e.getMessage());
      return EXIT_USAGE;
    }
  }
}
