package dev.fncluster.runner.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.exception.NotFoundException;
import dev.fncluster.runner.docker.engine.DockerEngine.ApiVersion;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DockerEngineTest {
  @ParameterizedTest
  @CsvSource({
    "1.12, 1.41, 1.41",
    "1.24, 1.47, 1.47",
    "1.44, 1.52, 1.47",
    "1.50, 1.60, 1.50",
  })
  void agreesOnAnApiVersion(String oldest, String newest, String chosen) {
    assertThat(ApiVersion.choose(ApiVersion.parse(oldest), ApiVersion.parse(newest)))
        .hasToString(chosen);
  }

  @ParameterizedTest
  @CsvSource({
    "17.09.1-ce, false",
    "17.10.0-beta1, false",
    "17.10.0-ce, true",
    "17.10.0-rc1, true",
    "20.10.24, true",
    "1.13.1, false",
    "29.0.0-rc1, true",
    "dev, true",
  })
  void knowsOldEngines(String version, boolean recent) {
    assertThat(DockerEngine.isRecent(version, DockerEngine.OLDEST)).isEqualTo(recent);
  }

  @Test
  void comparesWithWhatIsRequired() {
    assertThat(DockerEngine.isRecent("20.10.24+dfsg1", "1.0.0")).isTrue();
    assertThat(DockerEngine.isRecent("20.10.24+dfsg1", "9999.0.0")).isFalse();
  }

  @Test
  void callsAreCountedByHowTheyEnd() {
    assertThat(EngineMeters.status(null)).isEqualTo("ok");
    assertThat(EngineMeters.status(new NotFoundException("gone"))).isEqualTo("404");
    assertThat(EngineMeters.status(new RuntimeException(new SocketTimeoutException())))
        .isEqualTo("timeout");
    assertThat(EngineMeters.status(new InterruptedException())).isEqualTo("canceled");
    assertThat(EngineMeters.status(new IllegalStateException())).isEqualTo("error");
  }

  @Test
  void eventsHaveShortLabels() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(EngineViews.all());
    EngineMeters engine = new EngineMeters(registry);
    engine.event("exec_create: sh -c date", "container");
    engine.event("exec_create: sh -c id", "container");
    engine.exited(137);
    assertThat(meters.find("fn_docker_events").tag("event_action", "exec_create").counters())
        .singleElement()
        .satisfies(counter -> assertThat(counter.count()).isEqualTo(2));
    assertThat(
            meters
                .find("fn_docker_exits")
                .tag("exit_status", "exit_137")
                .tag("api_name", "docker_wait_container")
                .counters())
        .hasSize(1);
  }
}
