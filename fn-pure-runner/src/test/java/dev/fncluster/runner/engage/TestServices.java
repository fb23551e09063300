package dev.fncluster.runner.engage;

import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.runner.logs.LogStreamer;
import dev.fncluster.runner.status.StatusProbe;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** Services of runners without status image and handlers. */
final class TestServices {
  static final SessionRules RULES = new SessionRules(true, "reserved/status:1");

  private TestServices() {}

  static RunnerProtocolService of(CallAgent agent) {
    return of(agent, null);
  }

  static RunnerProtocolService of(CallAgent agent, @Nullable LogStreamer logStreamer) {
    return of(agent, RULES, logStreamer);
  }

  static RunnerProtocolService of(
      CallAgent agent, SessionRules rules, @Nullable LogStreamer logStreamer) {
    return new RunnerProtocolService(
        agent,
        Clock.systemUTC(),
        rules,
        StatusProbe.NONE,
        () -> 0,
        new Configuration(null, Runnable::run, new ExtensionRunner(ExtensionRunner.DEFAULT_LIMIT)),
        logStreamer);
  }
}
