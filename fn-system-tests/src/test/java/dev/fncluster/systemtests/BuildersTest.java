package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.lb.LbNode;
import dev.fncluster.runner.PureRunnerNode;
import dev.fncluster.server.ApiNode;
import dev.fncluster.server.FullNode;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What can be given to each kind of node: the same everywhere, but where it makes no sense. */
final class BuildersTest {
  private static final Class<?> API = ApiNode.Builder.class;
  private static final Class<?> LB = LbNode.Builder.class;
  private static final Class<?> RUNNER = PureRunnerNode.Builder.class;
  private static final Class<?> FULL = FullNode.Builder.class;

  /** Who has what; those that are missing have no use for it. */
  private static final Map<String, Set<Class<?>>> OPTIONS =
      Map.ofEntries(
          Map.entry("extension", Set.of(API, LB, RUNNER, FULL)),
          Map.entry("tls", Set.of(API, LB, RUNNER, FULL)),
          Map.entry("buckets", Set.of(API, LB, RUNNER, FULL)),
          // An API node executes nothing.
          Map.entry("overrider", Set.of(LB, RUNNER, FULL)),
          // A full node has one runner, which is in its process.
          Map.entry("pool", Set.of(LB)),
          Map.entry("runnerTls", Set.of(LB)),
          Map.entry("placer", Set.of(LB, FULL)),
          // An API node reads its store, and a runner nothing.
          Map.entry("readDataAccess", Set.of(LB, FULL)),
          Map.entry("driver", Set.of(RUNNER, FULL)),
          Map.entry("customizer", Set.of(RUNNER, FULL)),
          // What is asked over the protocol between nodes, which a full node does not speak.
          Map.entry("healthChecker", Set.of(RUNNER)),
          Map.entry("configureHandler", Set.of(RUNNER)),
          Map.entry("logStreamer", Set.of(RUNNER)));

  @Test
  void buildersHaveTheSameOptionsWhereTheyMakeSense() {
    Map<String, Set<String>> there = new TreeMap<>();
    Map<String, Map<Class<?>, Set<String>>> types = new TreeMap<>();
    for (Class<?> builder : List.of(API, LB, RUNNER, FULL)) {
      for (Method each : builder.getDeclaredMethods()) {
        if (each.getReturnType() == builder && !each.isSynthetic()) {
          there.computeIfAbsent(each.getName(), first -> new TreeSet<>()).add(builder.getName());
          types
              .computeIfAbsent(each.getName(), first -> new HashMap<>())
              .computeIfAbsent(builder, first -> new TreeSet<>())
              .add(Arrays.toString(each.getGenericParameterTypes()));
        }
      }
    }
    Map<String, Set<String>> expected = new TreeMap<>();
    OPTIONS.forEach((option, builders) -> {
      Set<String> names = new TreeSet<>();
      builders.forEach(each -> names.add(each.getName()));
      expected.put(option, names);
    });
    assertThat(there).isEqualTo(expected);
    assertThat(types)
        .allSatisfy((option, ofBuilders) ->
            assertThat(Set.copyOf(ofBuilders.values())).as(option).hasSize(1));
  }
}
