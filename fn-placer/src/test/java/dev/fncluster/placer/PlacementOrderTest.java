package dev.fncluster.placer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.settings.Settings;
import dev.fncluster.placer.ClusterSimulation.Result;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which placer is for what, shown on a simulated cluster at half load. */
class PlacementOrderTest {
  private static final int CALLS = 30_000;
  private static final long SEED = 42;

  /**
   * Spread by chance, every function needs a container everywhere. Sent home whatever happens,
   * homes slow down and pay for ever more containers. Bounded loads do neither.
   */
  @Test
  void boundedLoadsKeepContainersInUseAndRunnersFromCollapsing() {
    Result naive = play("naive");
    Result home = play("ch");
    Result bounded = play("ch-bounded");

    assertThat(bounded.coldShare()).as("%s, %s", bounded, naive).isLessThan(naive.coldShare() / 4);
    assertThat(bounded.p99Slowdown())
        .as("%s, %s", bounded, naive)
        .isLessThan(naive.p99Slowdown() / 4);
    assertThat(naive.coldShare()).as("%s, %s", naive, home).isLessThan(home.coldShare());
    assertThat(naive.p99Slowdown()).as("%s, %s", naive, home).isLessThan(home.p99Slowdown());
    assertThat(home.refusalsPerCall()).isGreaterThan(100);
    assertThat(bounded.refusalsPerCall()).isLessThan(0.1);
  }

  private static Result play(String algorithm) {
    Settings settings = Settings.of(Map.of("FN_PLACER", algorithm));
    return ClusterSimulation.run(PlacerSettings.from(settings).policy(), CALLS, SEED);
  }
}
