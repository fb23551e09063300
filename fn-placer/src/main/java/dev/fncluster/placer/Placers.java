package dev.fncluster.placer;

import dev.fncluster.api.plugin.NodePlugins;
import dev.fncluster.api.plugin.SettingsContext;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runnerpool.PlacementPolicy;
import dev.fncluster.runnerpool.Placer;
import dev.fncluster.runnerpool.PlacerContext;
import dev.fncluster.runnerpool.PlacerFactory;

/** Makes the placer that the settings name. */
public final class Placers {
  private Placers() {}

  /**
   * The placer of these settings: one of ours, or a plugin's.
   *
   * @throws dev.fncluster.api.settings.SettingException when no placer has that name, or the plugin
   *     fails
   */
  public static Placer create(PlacerSettings settings, PlacerStats stats, NodePlugins plugins) {
    if (PlacerSettings.ALGORITHMS.contains(settings.algorithm())) {
      return new RetryingPlacer(settings, settings.policy(), stats);
    }
    return plugins
        .plugins()
        .make(
            PlacerFactory.class,
            PlacerSettings.ALGORITHM,
            settings.algorithm(),
            PlacerSettings.ALGORITHMS,
            factory -> factory.create(new Context(settings, stats, plugins.settings())));
  }

  private static final class Context extends SettingsContext implements PlacerContext {
    private final PlacerSettings settings;
    private final PlacerStats stats;

    Context(PlacerSettings settings, PlacerStats stats, Settings all) {
      super(all);
      this.settings = settings;
      this.stats = stats;
    }

    @Override
    public Placer inOrderOf(PlacementPolicy policy) {
      return new RetryingPlacer(settings, policy, stats);
    }
  }
}
