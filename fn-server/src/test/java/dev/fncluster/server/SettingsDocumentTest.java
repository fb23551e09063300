package dev.fncluster.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.access.AccessSettings;
import dev.fncluster.api.auth.AuthSettings;
import dev.fncluster.api.http.HttpServerSettings;
import dev.fncluster.api.management.ManagementSettings;
import dev.fncluster.api.node.ListenSettings;
import dev.fncluster.api.node.NodeSettings;
import dev.fncluster.api.node.ViewSettings;
import dev.fncluster.api.plugin.ExtensionSettings;
import dev.fncluster.api.replay.ReplaySettings;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingsDocument;
import dev.fncluster.api.settings.SettingsDocument.Section;
import dev.fncluster.datastore.DatastoreSettings;
import dev.fncluster.lb.LbAgentSettings;
import dev.fncluster.placer.PlacerSettings;
import dev.fncluster.runner.ContainerDrivers;
import dev.fncluster.runner.PureRunnerSettings;
import dev.fncluster.runner.RunnerSettings;
import dev.fncluster.runner.docker.DockerSettings;
import dev.fncluster.runner.logs.LogSettings;
import dev.fncluster.runner.status.StatusSettings;
import dev.fncluster.runnerpool.config.RunnerPoolSettings;
import dev.fncluster.server.rehearsal.WarmUp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SettingsDocumentTest {
  private static final Path PAGE = Path.of("..", "docs", "settings.md");

  private final List<Section> sections =
      List.of(
          section("Every node", List.of(NodeType.NODE_TYPE, WarmUp.FN_WARM_UP), NodeSettings.all()),
          section("HTTP, on every node", listening(), HttpServerSettings.all()),
          section("Metrics, on every node", ViewSettings.all()),
          section("Who may use a node (every node)", AuthSettings.all()),
          section(
              "Management API and database (api, full)",
              ManagementSettings.all(),
              DatastoreSettings.all()),
          section("Looking functions up (lb)", AccessSettings.all()),
          section(
              "Load balancer's agent and placement (lb, full)",
              LbAgentSettings.all(),
              PlacerSettings.all()),
          section("Request bodies that another runner may need (lb, full)", ReplaySettings.all()),
          section("Pool of runners (lb)", RunnerPoolSettings.all()),
          section("gRPC of a runner (pure-runner)", PureRunnerSettings.all()),
          section("Status of a runner (pure-runner)", StatusSettings.all()),
          section("Runner's agent (pure-runner, full)", RunnerSettings.all()),
          section("Containers (pure-runner, full)", ContainerDrivers.all(), DockerSettings.all()),
          section("Output of functions (pure-runner, full)", LogSettings.all()),
          section("Extensions (every node)", ExtensionSettings.all()));

  @Test
  void committedPageIsTheGeneratedOne() throws IOException {
    String generated = SettingsDocument.of(sections).markdown();
    if (Boolean.getBoolean("fn.settings.write")) {
      Files.writeString(PAGE, generated);
    }
    assertThat(Files.exists(PAGE) ? Files.readString(PAGE) : "")
        .as(
            "docs/settings.md is out of date; write it anew with%n  mvn -pl fn-server -am package"
                + " -Dtest=SettingsDocumentTest -Dsurefire.failIfNoSpecifiedTests=false"
                + " -Dfn.settings.write=true")
        .isEqualTo(generated);
  }

  @Test
  void pageHasWhatTheNodesReadAndNothingElse() {
    Set<Setting<?>> read = new LinkedHashSet<>(ServerMain.settings());
    read.addAll(FullNode.settings());
    read.addAll(NodeSettings.all());
    assertThat(sections.stream().flatMap(section -> section.settings().stream()))
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(read);
  }

  private static List<Setting<?>> listening() {
    List<Setting<?>> own = new ArrayList<>(ListenSettings.all());
    own.removeAll(HttpServerSettings.all());
    own.removeAll(AuthSettings.all());
    return own;
  }

  @SafeVarargs
  private static Section section(String title, List<? extends Setting<?>>... parts) {
    List<Setting<?>> all = new ArrayList<>();
    for (List<? extends Setting<?>> part : parts) {
      all.addAll(part);
    }
    return new Section(title, all);
  }
}
