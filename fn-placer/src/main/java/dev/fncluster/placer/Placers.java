package dev.fncluster.placer;

import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.NodePlugins;
import dev.fncluster.api.plugin.SettingsContext;
import dev.fncluster.runnerpool.PlacementPolicy;
import dev.fncluster.runnerpool.Placer;
import dev.fncluster.runnerpool.PlacerContext;
import dev.fncluster.runnerpool.PlacerFactory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Makes the placer that the settings name. */
public final class Placers {
  private Placers() {}

  /**
   * The placer of these settings: one of ours, or a plugin's.
   *
   * @throws dev.fncluster.api.settings.SettingException when no placer has that name, or both one
   *     of ours and a plugin, or the plugin fails
   */
  public static Placer create(PlacerSettings settings, PlacerStats stats, NodePlugins plugins) {
    if (PlacerSettings.ALGORITHMS.contains(settings.algorithm())) {
      plugins
          .plugins()
          .checkBuiltIn(PlacerFactory.class, PlacerSettings.ALGORITHM, settings.algorithm());
      return new RetryingPlacer(settings, settings.policy(), stats, plugins.runner());
    }
    return plugins.closing(
        plugins
            .plugins()
            .make(
                PlacerFactory.class,
                PlacerSettings.ALGORITHM,
                settings.algorithm(),
                PlacerSettings.ALGORITHMS,
                factory -> factory.create(new Context(settings, stats, plugins))));
  }

  /**
   * What the embedding program gives, or its factory makes, which is closed together with the node;
   * the placer that {@code settings} describe if there is neither.
   *
   * @throws dev.fncluster.api.settings.SettingException when the factory fails, or as above
   */
  public static Placer of(
      @Nullable Placer given,
      @Nullable PlacerFactory factory,
      PlacerSettings settings,
      PlacerStats stats,
      NodePlugins plugins) {
    if (given != null) {
      return given;
    }
    if (factory == null) {
      return create(settings, stats, plugins);
    }
    return plugins.closing(
        plugins.make(factory, () -> factory.create(new Context(settings, stats, plugins))));
  }

  /**
   * The same placer, watched if it or the runners are of others; nothing is put before our own.
   *
   * @param foreignRunners whether the runners are of others
   * @param headroom what a call may take beyond the time to place it and its function's timeout
   */
  public static Placer watched(
      Placer placer,
      boolean foreignRunners,
      PlacerSettings settings,
      Duration headroom,
      NodePlugins plugins) {
    return placer instanceof RetryingPlacer && !foreignRunners
        ? placer
        : new WatchedPlacer(placer, settings.timeout(), headroom, plugins.runner().limit());
  }

  private static final class Context extends SettingsContext implements PlacerContext {
    private final PlacerSettings settings;
    private final PlacerStats stats;
    private final ExtensionRunner extensions;

    Context(PlacerSettings settings, PlacerStats stats, NodePlugins plugins) {
      super(plugins);
      this.settings = settings;
      this.stats = stats;
      this.extensions = plugins.runner();
    }

    @Override
    public Placer inOrderOf(PlacementPolicy policy) {
      return new RetryingPlacer(settings, policy, stats, extensions);
    }
  }
}
