package org.example.tasting;

import com.github.dockerjava.api.command.CreateContainerCmd;
import dev.fncluster.api.extension.Plugin;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.extension.ContainerDriverContext;
import dev.fncluster.runner.extension.ContainerDriverFactory;
import dev.fncluster.runner.extension.CreateContainerCustomizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** On runners: functions find cheese and wine in their environment. */
@Plugin(name = "tasting", api = Plugin.API_VERSION)
public final class Tasting implements ContainerDriverFactory {
  private static final List<String> COURSES = List.of("FN_CHEESE", "FN_WINE");

  @Override
  public ContainerDriver create(ContainerDriverContext context) throws Exception {
    return context.docker(new Environment());
  }

  private static final class Environment implements CreateContainerCustomizer {
    @Override
    public void customize(CreateContainerCmd command, ContainerSpec spec) {
      List<String> environment = new ArrayList<>(List.of(command.getEnv()));
      for (String course : COURSES) {
        String value = spec.extensions().get(course);
        if (value != null) {
          environment.add(course + "=" + value);
        }
      }
      command.withEnv(environment);
    }

    /** Whoever brings another cheese along gets another container. */
    @Override
    public String slotKeyExtension(Map<String, String> extensions) {
      StringBuilder key = new StringBuilder();
      for (String course : COURSES) {
        key.append(extensions.getOrDefault(course, "")).append('\n');
      }
      return key.toString();
    }
  }
}
